import type { MigrationInterface, QueryRunner } from 'typeorm';

const tables = ['subscriptions', 'database_settings', 'event_types'];

/** What ETag and If-Match name. The default is for what an instance of before writes while it is replaced. */
export class AddVersions1796040000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const table of tables) {
      await runner.query(`
        ALTER TABLE relay_control.${table}
          ADD COLUMN version text NOT NULL DEFAULT left(md5(random()::text), 12)`);
    }
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const table of tables) {
      await runner.query(`ALTER TABLE relay_control.${table} DROP COLUMN version`);
    }
  }
}
