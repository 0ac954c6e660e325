import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What was erased, and up to when: also for what of it comes, or comes back, later. */
export class AddErasures1796121000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE relay_control.erasures (
        id text COLLATE "C" PRIMARY KEY,
        at timestamptz NOT NULL,
        principal_kind text NOT NULL,
        principal_id text NOT NULL,
        database text COLLATE "C" NOT NULL,
        records jsonb NOT NULL,
        attempts integer NOT NULL
      )`);
    // One row a record, the latest time: asked for with every attempt that is projected and every letter.
    await runner.query(`
      CREATE TABLE relay_control.erased_records (
        database text COLLATE "C",
        record text COLLATE "C",
        until_ms bigint NOT NULL,
        PRIMARY KEY (database, record)
      )`);
    await runner.query('ALTER TABLE relay_control.attempts ADD COLUMN erased boolean NOT NULL DEFAULT false');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE relay_control.attempts DROP COLUMN erased');
    await runner.query('DROP TABLE relay_control.erasures, relay_control.erased_records');
  }
}
