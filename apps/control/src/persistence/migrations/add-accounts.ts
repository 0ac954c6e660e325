import type { MigrationInterface, QueryRunner } from 'typeorm';

/** People who administer, their sessions, and how long the next try to sign in has to wait. */
export class AddAccounts1795990100000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE relay_control.accounts (
        id text COLLATE "C" PRIMARY KEY,
        email text NOT NULL UNIQUE CHECK (email = lower(email)),
        password_hash text,
        external_issuer text,
        external_subject text,
        totp_secret text,
        totp_offered text,
        totp_last_step integer,
        recovery_hashes text[] NOT NULL DEFAULT '{}',
        enabled boolean NOT NULL,
        invitation_hash text UNIQUE,
        invitation_until timestamptz,
        last_sign_in_at timestamptz,
        created_at timestamptz NOT NULL,
        updated_at timestamptz NOT NULL,
        UNIQUE (external_issuer, external_subject),
        CHECK ((external_issuer IS NULL) = (external_subject IS NULL))
      )`);
    await runner.query(`
      CREATE TABLE relay_control.sessions (
        token_hash text PRIMARY KEY,
        account_id text COLLATE "C" NOT NULL REFERENCES relay_control.accounts ON DELETE CASCADE,
        awaits_code boolean NOT NULL,
        last_seen_at timestamptz NOT NULL,
        ends_at timestamptz NOT NULL
      )`);
    await runner.query('CREATE INDEX ON relay_control.sessions (account_id)');
    await runner.query('CREATE INDEX ON relay_control.sessions (ends_at)');
    await runner.query(`
      CREATE TABLE relay_control.sign_in_delays (
        key text PRIMARY KEY,
        failures integer NOT NULL,
        next_try_at timestamptz NOT NULL,
        forgotten_at timestamptz NOT NULL
      )`);
    await runner.query('CREATE INDEX ON relay_control.sign_in_delays (forgotten_at)');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(
      'DROP TABLE relay_control.sign_in_delays, relay_control.sessions, relay_control.accounts',
    );
  }
}
