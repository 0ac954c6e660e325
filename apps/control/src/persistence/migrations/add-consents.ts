import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What can be told of consents without reading what is encrypted: who gave them, to whom, and when they were used. */
export class AddConsents1796141000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      ALTER TABLE relay_control.oauth2_items
        ADD COLUMN credential_id text,
        ADD COLUMN account_id text,
        ADD COLUMN scopes text[],
        ADD COLUMN created_at timestamptz NOT NULL DEFAULT now(),
        ADD COLUMN last_used_at timestamptz`);
    await runner.query(
      'CREATE INDEX ON relay_control.oauth2_items (credential_id) WHERE credential_id IS NOT NULL',
    );
    await runner.query('ALTER TABLE relay_control.oauth1_tokens ADD COLUMN last_used_at timestamptz');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE relay_control.oauth1_tokens DROP COLUMN last_used_at');
    await runner.query(`
      ALTER TABLE relay_control.oauth2_items
        DROP COLUMN credential_id, DROP COLUMN account_id, DROP COLUMN scopes,
        DROP COLUMN created_at, DROP COLUMN last_used_at`);
  }
}
