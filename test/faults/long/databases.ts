import { escapeIdentifier, type Client } from 'pg';
import { connect } from '../../e2e/small-odoo.js';
import { eventually } from '../../harness/eventually.js';

/** What stands for backup and restore, where there is no pg_dump of the server's version: a copy by template. */
export class Databases {
  private constructor(private readonly admin: Client) {}

  static async open(adminUrl: string): Promise<Databases> {
    return new Databases(await connect(adminUrl));
  }

  /** Of the database as it is now; whoever is connected to it is cut off. */
  async backUp(url: string): Promise<string> {
    const name = nameOf(url);
    await this.copy(name, `${name}_backup`);
    return `${name}_backup`;
  }

  /** Drops the database as it is now and makes it as it was. */
  async restore(url: string, backup: string): Promise<void> {
    const name = nameOf(url);
    await this.admin.query(`drop database ${escapeIdentifier(name)} with (force)`);
    await this.copy(backup, name);
  }

  async close(...backups: readonly string[]): Promise<void> {
    for (const name of backups) {
      await this.admin.query(`drop database if exists ${escapeIdentifier(name)} with (force)`);
    }
    await this.admin.end();
  }

  private async copy(from: string, to: string): Promise<void> {
    const name = escapeIdentifier(from);
    await this.admin.query(`alter database ${name} allow_connections false`);
    await eventually(async () => {
      await this.admin.query('select pg_terminate_backend(pid) from pg_stat_activity where datname = $1', [
        from,
      ]);
      await this.admin.query(`create database ${escapeIdentifier(to)} template ${name}`);
      return true;
    });
    await this.admin.query(`alter database ${name} allow_connections true`);
    await this.admin.query(`alter database ${escapeIdentifier(to)} allow_connections true`);
  }
}

function nameOf(url: string): string {
  return new URL(url).pathname.slice(1);
}
