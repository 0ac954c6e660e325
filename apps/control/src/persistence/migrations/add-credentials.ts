import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What a subscription's requests carry: encrypted, and beside it what of it may be shown. */
export class AddCredentials1795600000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      ALTER TABLE relay_control.subscriptions
        ADD COLUMN signature text NOT NULL DEFAULT 'hmac' CHECK (signature IN ('hmac', 'ed25519')),
        ADD COLUMN previous_secret_until_ms bigint,
        ADD COLUMN headers text,
        ADD COLUMN auth text,
        ADD COLUMN client_certificate text,
        ADD COLUMN disclosed jsonb NOT NULL DEFAULT '{}'`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      ALTER TABLE relay_control.subscriptions
        DROP COLUMN signature, DROP COLUMN previous_secret_until_ms, DROP COLUMN headers, DROP COLUMN auth,
        DROP COLUMN client_certificate, DROP COLUMN disclosed`);
  }
}
