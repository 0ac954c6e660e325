import type { MigrationInterface, QueryRunner } from 'typeorm';

/** An erasure goes in slices. What an instance of before erases is done with its row, hence the default. */
export class AddErasureProgress1796211000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      ALTER TABLE relay_control.erasures
        ADD COLUMN state text NOT NULL DEFAULT 'done',
        ADD COLUMN progress jsonb`);
    await runner.query(`CREATE INDEX ON relay_control.erasures (id) WHERE state = 'running'`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE relay_control.erasures DROP COLUMN state, DROP COLUMN progress');
  }
}
