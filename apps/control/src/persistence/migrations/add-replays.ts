import type { MigrationInterface, QueryRunner } from 'typeorm';

export class AddReplays1795936000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    // Those of a subscription that is deleted stay: they say what was sent.
    await runner.query(`
      CREATE TABLE relay_control.replays (
        id text COLLATE "C" PRIMARY KEY,
        subscription_id text NOT NULL,
        database text NOT NULL,
        origin jsonb NOT NULL,
        selection jsonb NOT NULL,
        dry_run boolean NOT NULL,
        rate_per_s integer NOT NULL,
        new_ids boolean NOT NULL,
        state text NOT NULL CHECK (state IN ('running', 'stopped', 'done', 'failed')),
        progress jsonb NOT NULL,
        runner text,
        error text,
        started_at timestamptz NOT NULL,
        ended_at timestamptz
      )`);
    await runner.query(`CREATE INDEX ON relay_control.replays (id) WHERE state = 'running'`);
    await runner.query('CREATE INDEX ON relay_control.replays (subscription_id, id)');
    await runner.query('ALTER TABLE relay_control.subscriptions ADD COLUMN missed_from_ms bigint');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE relay_control.subscriptions DROP COLUMN missed_from_ms');
    await runner.query('DROP TABLE relay_control.replays');
  }
}
