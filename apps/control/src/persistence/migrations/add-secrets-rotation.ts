import type { MigrationInterface, QueryRunner } from 'typeorm';

/** So that what an old SECRETS_KEY has encrypted is found at once in the tables that can be large. */
export class AddSecretsRotation1796120000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE INDEX oauth2_items_key_id ON relay_control.oauth2_items
        (split_part(payload, '.', 2), kind, id_hash)`);
    await runner.query(`
      CREATE INDEX idempotency_keys_key_id ON relay_control.idempotency_keys
        (split_part(answer, '.', 2), principal, key)`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP INDEX relay_control.oauth2_items_key_id, relay_control.idempotency_keys_key_id');
  }
}
