import type { MigrationInterface, QueryRunner } from 'typeorm';

export class AddRedrives1795616338450 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    // Positions and counts are one value, so that they are always saved together.
    await runner.query(`
      CREATE TABLE relay_control.redrives (
        id text COLLATE "C" PRIMARY KEY,
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
    await runner.query(`CREATE INDEX ON relay_control.redrives (id) WHERE state = 'running'`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE relay_control.redrives');
  }
}
