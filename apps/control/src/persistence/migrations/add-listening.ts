import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What subscriptions listen to beside event types, and event types that databases have of their own. */
export class AddListening1795860000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      ALTER TABLE relay_control.subscriptions
        ADD COLUMN filter jsonb,
        ADD COLUMN field_changes jsonb,
        ADD COLUMN shape jsonb,
        DROP CONSTRAINT IF EXISTS subscriptions_format_check`);
    await runner.query(`
      CREATE TABLE relay_control.event_types (
        database text NOT NULL,
        name text NOT NULL,
        definition jsonb NOT NULL,
        updated_at timestamptz NOT NULL,
        PRIMARY KEY (database, name))`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE relay_control.event_types');
    await runner.query(`
      ALTER TABLE relay_control.subscriptions
        DROP COLUMN filter, DROP COLUMN field_changes, DROP COLUMN shape`);
  }
}
