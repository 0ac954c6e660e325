import type { MigrationInterface, QueryRunner } from 'typeorm';

export class AddIdempotencyKeys1796041000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    // Answers hold secrets that are shown once: they are kept encrypted.
    await runner.query(`
      CREATE TABLE relay_control.idempotency_keys (
        principal text NOT NULL,
        key text NOT NULL,
        fingerprint text NOT NULL,
        claim uuid NOT NULL,
        claimed_until timestamptz NOT NULL,
        answer text,
        expires_at timestamptz NOT NULL,
        PRIMARY KEY (principal, key))`);
    await runner.query('CREATE INDEX ON relay_control.idempotency_keys (expires_at)');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE relay_control.idempotency_keys');
  }
}
