import type { DataSource, EntityManager } from 'typeorm';
import { messageOf } from '#libs/process';
import { decryptSecret, encryptSecret, type SecretsKey } from '#libs/subscription';
import type { Logger } from '#libs/telemetry';
import type { Outbox } from '../feed/outbox.js';
import { keyIdOf, keyIdsIn, sealedTables, subscriptionsTable, type SealedTable } from './sealed-tables.js';

/** Locked and written at once: few, so that no request waits for long. */
const batchRows = 50;
/** Counting goes no further, so that it takes no long time either. */
const mostCounted = 100_000;

/** By column, an encrypted text or several. */
type SealedRow = Record<string, string | string[] | null>;

export interface ReencryptionParts {
  dataSource: DataSource;
  outbox: Outbox;
  key: SecretsKey;
  logger: Logger;
}

/** Encrypts with the first key what another one has encrypted, wherever it stands in Postgres. */
export class Reencryption {
  constructor(private readonly parts: ReencryptionParts) {}

  /** How many rows there are to encrypt; more than 100,000 count as so many. */
  async left(): Promise<number> {
    const counts = await Promise.all(
      sealedTables.map(async (table) => {
        const old = await this.oldKeyIds(table);
        return old.length === 0 ? 0 : this.count(table, old);
      }),
    );
    return Math.min(
      mostCounted,
      counts.reduce((sum, count) => sum + count, 0),
    );
  }

  /** All rows that nobody else works on; `goesOn` is asked before each batch. */
  async run(goesOn: () => boolean): Promise<void> {
    for (const table of sealedTables) {
      for (const id of await this.oldKeyIds(table)) {
        await this.runTable(table, id, goesOn);
      }
    }
  }

  private async oldKeyIds(table: SealedTable): Promise<string[]> {
    return [...(await keyIdsIn(this.parts.dataSource, table))].filter((id) => id !== this.parts.key.id);
  }

  private async count(table: SealedTable, ids: readonly string[]): Promise<number> {
    const [row] = await this.parts.dataSource.query<{ count: string }[]>(
      `SELECT count(*) FROM (
         SELECT FROM relay_control.${table.name} WHERE ${encryptedBy(table, '= ANY($1)')} LIMIT ${String(mostCounted)}
       ) AS counted`,
      [ids],
    );
    return Number(row?.count ?? 0);
  }

  private async runTable(table: SealedTable, keyId: string, goesOn: () => boolean): Promise<void> {
    let after: readonly string[] | undefined;
    while (goesOn()) {
      after = await this.parts.dataSource.transaction((manager) =>
        this.runBatch(manager, table, { keyId, after }),
      );
      if (after === undefined) {
        return;
      }
    }
  }

  /** The primary key of the last row; undefined where there was none. What somebody works on is left for later. */
  private async runBatch(
    manager: EntityManager,
    table: SealedTable,
    { keyId, after }: { keyId: string; after: readonly string[] | undefined },
  ): Promise<readonly string[] | undefined> {
    const { name, primaryKey } = table;
    const order = primaryKey.join(', ');
    const places = primaryKey.map((_, index) => `$${String(index + 2)}`).join(', ');
    const rows = await manager.query<SealedRow[]>(
      `SELECT ${[...primaryKey, ...sealedColumns(table)].join(', ')} FROM relay_control.${name}
       WHERE ${encryptedBy(table, '= $1')} ${after === undefined ? '' : `AND (${order}) > (${places})`}
       ORDER BY ${order} LIMIT ${String(batchRows)} FOR UPDATE SKIP LOCKED`,
      [keyId, ...(after ?? [])],
    );
    for (const row of rows) {
      await this.runRow(manager, table, row);
    }
    const last = rows.at(-1);
    return last && primaryKey.map((column) => String(last[column]));
  }

  private async runRow(manager: EntityManager, table: SealedTable, row: SealedRow): Promise<void> {
    const columns = sealedColumns(table);
    let values: (string | string[] | null)[];
    try {
      values = columns.map((column) => this.reencrypted(row[column] ?? null));
    } catch (error) {
      // One that somebody has changed must not keep the rest from it.
      this.parts.logger.error({ table: table.name, error: messageOf(error) }, 'a secret stays as it is');
      return;
    }
    const set = columns.map((column, index) => `${column} = $${String(index + 1)}`).join(', ');
    const where = table.primaryKey.map(
      (column, index) => `${column} = $${String(columns.length + index + 1)}`,
    );
    await manager.query(`UPDATE relay_control.${table.name} SET ${set} WHERE ${where.join(' AND ')}`, [
      ...values,
      ...table.primaryKey.map((column) => row[column]),
    ]);
    if (table.name === subscriptionsTable) {
      await this.parts.outbox.append(manager, { subscriptionId: String(row['id']) });
    }
  }

  private reencrypted(sealed: string | string[] | null): string | string[] | null {
    if (sealed === null) {
      return null;
    }
    return typeof sealed === 'string' ? this.withFirst(sealed) : sealed.map((text) => this.withFirst(text));
  }

  private withFirst(text: string): string {
    const { key } = this.parts;
    return text.startsWith(`v1.${key.id}.`) ? text : encryptSecret(key, decryptSecret(key, text));
  }
}

function sealedColumns({ columns, lists = [] }: SealedTable): string[] {
  return [...columns, ...lists];
}

/** SQL: whether a key whose id `is` so has encrypted something of the row. */
function encryptedBy({ columns, lists = [] }: SealedTable, is: string): string {
  const conditions = [
    ...columns.map((column) => `${keyIdOf(column)} ${is}`),
    ...lists.map((column) => `EXISTS (SELECT FROM unnest(${column}) AS text WHERE ${keyIdOf('text')} ${is})`),
  ];
  return `(${conditions.join(' OR ')})`;
}
