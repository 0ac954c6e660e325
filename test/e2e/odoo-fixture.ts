import { createReadStream, existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { createGunzip } from 'node:zlib';
import pg from 'pg';

/** Where a recorded Odoo lies, as its README says; undefined when this checkout has none beside it. */
export function odooFixture(): string | undefined {
  const folder = process.env['ODOO_FIXTURES'] ?? join(process.cwd(), '../shared/fixtures/odoo19');
  return existsSync(join(folder, 'database.sql.gz')) ? folder : undefined;
}

/** The part of pg's connection that speaks the COPY protocol. */
interface CopyConnection {
  query(text: string): void;
  sendCopyFromChunk(chunk: Buffer): void;
  endCopyFrom(): void;
}

/** A `COPY … FROM stdin` with its data, so that a dump can be restored without psql. */
class CopyIn {
  readonly done: Promise<void>;
  private finish!: () => void;
  private fail!: (error: Error) => void;

  constructor(
    private readonly sql: string,
    private readonly data: string,
  ) {
    this.done = new Promise((resolve, reject) => {
      this.finish = resolve;
      this.fail = reject;
    });
  }

  submit(connection: unknown): void {
    (connection as CopyConnection).query(this.sql);
  }

  handleCopyInResponse(connection: CopyConnection): void {
    connection.sendCopyFromChunk(Buffer.from(this.data));
    connection.endCopyFrom();
  }

  handleError(error: Error): void {
    this.fail(error);
  }

  handleReadyForQuery(): void {
    this.finish();
  }

  handleCommandComplete(): void {
    // ReadyForQuery follows.
  }
}

/** Restores a plain SQL dump into an empty database. */
export async function restoreDump(file: string, databaseUrl: string): Promise<void> {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  const lines = createInterface({ input: createReadStream(file).pipe(createGunzip()), crlfDelay: Infinity });
  let statements: string[] = [];
  let copy: { sql: string; rows: string[] } | undefined;
  const runStatements = async (): Promise<void> => {
    await client.query(statements.join('\n'));
    statements = [];
  };
  for await (const line of lines) {
    if (copy !== undefined) {
      if (line === '\\.') {
        const copyIn = new CopyIn(copy.sql, copy.rows.map((row) => `${row}\n`).join(''));
        client.query(copyIn);
        await copyIn.done;
        copy = undefined;
      } else {
        copy.rows.push(line);
      }
    } else if (line.startsWith('COPY ') && line.endsWith('FROM stdin;')) {
      await runStatements();
      copy = { sql: line, rows: [] };
    } else if (!line.startsWith('\\')) {
      statements.push(line);
    }
  }
  await runStatements();
  await client.end();
}

export interface WorkloadLine {
  conn: number;
  step?: string;
  sql?: string;
}

export function readWorkload(folder: string): WorkloadLine[] {
  return readFileSync(join(folder, 'workload.jsonl'), 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as WorkloadLine);
}

/**
 * Runs a workload in file order, one client for each connection, each transaction REPEATABLE READ.
 * `onCommit` is awaited after every COMMIT.
 */
export async function runWorkload(
  workload: readonly WorkloadLine[],
  databaseUrl: string,
  onCommit: () => Promise<void>,
): Promise<void> {
  const clients = new Map<number, { client: pg.Client; isOpen: boolean }>();
  for (const { conn, sql } of workload) {
    if (sql === undefined) continue;
    let connection = clients.get(conn);
    if (connection === undefined) {
      connection = { client: new pg.Client({ connectionString: databaseUrl }), isOpen: false };
      await connection.client.connect();
      clients.set(conn, connection);
    }
    if (!connection.isOpen) await connection.client.query('BEGIN ISOLATION LEVEL REPEATABLE READ');
    await connection.client.query(sql);
    connection.isOpen = !/^(COMMIT|ROLLBACK)$/.test(sql.trim());
    if (sql.trim() === 'COMMIT') await onCommit();
  }
  for (const { client } of clients.values()) await client.end();
}
