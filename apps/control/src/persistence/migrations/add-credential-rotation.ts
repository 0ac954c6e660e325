import type { MigrationInterface, QueryRunner } from 'typeorm';

/** The secret that an application's credential had before, which is good until then: its digest, or encrypted. */
export class AddCredentialRotation1796140000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      ALTER TABLE relay_control.application_credentials
        ADD COLUMN previous_secret_hash text,
        ADD COLUMN previous_secret text,
        ADD COLUMN previous_secret_until timestamptz`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      ALTER TABLE relay_control.application_credentials
        DROP COLUMN previous_secret_hash, DROP COLUMN previous_secret, DROP COLUMN previous_secret_until`);
  }
}
