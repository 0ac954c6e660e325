import type { MigrationInterface, QueryRunner } from 'typeorm';

export class AddOAuth21796110000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    // What is in the payload, tokens among it, is encrypted; ids are digests.
    await runner.query(`
      CREATE TABLE relay_control.oauth2_items (
        kind text NOT NULL,
        id_hash text NOT NULL,
        payload text NOT NULL,
        grant_id text,
        uid text,
        consumed_at timestamptz,
        ends_at timestamptz,
        PRIMARY KEY (kind, id_hash)
      )`);
    await runner.query('CREATE INDEX ON relay_control.oauth2_items (grant_id) WHERE grant_id IS NOT NULL');
    await runner.query('CREATE INDEX ON relay_control.oauth2_items (kind, uid) WHERE uid IS NOT NULL');
    await runner.query('CREATE INDEX ON relay_control.oauth2_items (ends_at)');
    await runner.query(`
      CREATE TABLE relay_control.oauth2_keys (
        id text PRIMARY KEY,
        jwk text NOT NULL,
        created_at timestamptz NOT NULL DEFAULT now()
      )`);
    await runner.query(`
      ALTER TABLE relay_control.application_credentials ADD COLUMN auth_method text
        CHECK (auth_method IN ('client_secret_basic', 'client_secret_post', 'none'))`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE relay_control.application_credentials DROP COLUMN auth_method');
    await runner.query('DROP TABLE relay_control.oauth2_items, relay_control.oauth2_keys');
  }
}
