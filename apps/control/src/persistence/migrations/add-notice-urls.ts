import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Where an application is told of its subscriptions, and the secret, encrypted, that signs it. */
export class AddNoticeUrls1796131000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      ALTER TABLE relay_control.applications
        ADD COLUMN notice_url text,
        ADD COLUMN notice_secret text,
        ADD CHECK ((notice_url IS NULL) = (notice_secret IS NULL))`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(
      'ALTER TABLE relay_control.applications DROP COLUMN notice_url, DROP COLUMN notice_secret',
    );
  }
}
