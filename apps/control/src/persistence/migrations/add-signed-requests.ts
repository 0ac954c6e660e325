import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What a use of OAuth 1.0a by applications needs (docs/oauth1.md). */
export class AddSignedRequests1795990400000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    // The time is first, so that old ones are found by the same index.
    await runner.query(`
      CREATE TABLE relay_control.oauth1_nonces (
        timestamp_s bigint NOT NULL,
        consumer_key text NOT NULL,
        token text NOT NULL,
        nonce text NOT NULL,
        PRIMARY KEY (timestamp_s, consumer_key, token, nonce)
      )`);
    await runner.query(`
      CREATE TABLE relay_control.oauth1_nonce_histories (
        history text PRIMARY KEY,
        since timestamptz NOT NULL
      )`);
    // Before this moment nothing was accepted, so nothing can be missing.
    await runner.query(`
      INSERT INTO relay_control.oauth1_nonce_histories
      SELECT (SELECT system_identifier FROM pg_control_system()) || '/' ||
        left(pg_walfile_name(pg_current_wal_insert_lsn()), 8), '-infinity'`);
    await runner.query(`
      CREATE TABLE relay_control.oauth1_temporary_credentials (
        token text PRIMARY KEY,
        secret text NOT NULL,
        consumer_key text NOT NULL,
        application_id text NOT NULL REFERENCES relay_control.applications ON DELETE CASCADE,
        callback text NOT NULL,
        ends_at timestamptz NOT NULL,
        account_id text,
        verifier_hash text,
        CHECK (num_nonnulls(account_id, verifier_hash) <> 1)
      )`);
    await runner.query('CREATE INDEX ON relay_control.oauth1_temporary_credentials (ends_at)');
    await runner.query('CREATE INDEX ON relay_control.oauth1_temporary_credentials (application_id)');
    await runner.query(`
      CREATE TABLE relay_control.oauth1_tokens (
        id text COLLATE "C" PRIMARY KEY,
        secret text NOT NULL,
        consumer_key text NOT NULL,
        application_id text NOT NULL REFERENCES relay_control.applications ON DELETE CASCADE,
        account_id text NOT NULL,
        created_at timestamptz NOT NULL
      )`);
    await runner.query('CREATE INDEX ON relay_control.oauth1_tokens (application_id, id)');
    await runner.query('CREATE INDEX ON relay_control.oauth1_tokens (account_id)');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE relay_control.oauth1_tokens, relay_control.oauth1_temporary_credentials');
    await runner.query('DROP TABLE relay_control.oauth1_nonce_histories, relay_control.oauth1_nonces');
  }
}
