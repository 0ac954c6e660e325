import type { MigrationInterface, QueryRunner } from 'typeorm';

/** A migration's number is the moment it was written, in milliseconds since 1970; typeorm wants it in the name. */
export class CreateControlSchema1767225600000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE relay_control.applications (
        id text PRIMARY KEY,
        name text NOT NULL,
        created_at timestamptz NOT NULL DEFAULT now()
      )`);
    await runner.query(
      `INSERT INTO relay_control.applications (id, name) VALUES ('default', 'Default application')`,
    );
    await runner.query(`
      CREATE TABLE relay_control.database_settings (
        database text PRIMARY KEY,
        settings jsonb NOT NULL
      )`);
    // The ids are ordered byte by byte, whatever the locale, so that pages of a list do not overlap.
    await runner.query(`
      CREATE TABLE relay_control.subscriptions (
        id text COLLATE "C" PRIMARY KEY,
        application_id text NOT NULL REFERENCES relay_control.applications,
        database text NOT NULL,
        event_types text[] NOT NULL,
        format text NOT NULL CHECK (format IN ('json', 'xml')),
        url text NOT NULL,
        secrets text[] NOT NULL,
        settings jsonb NOT NULL,
        enabled boolean NOT NULL,
        enabled_epoch integer NOT NULL,
        since_ms bigint NOT NULL,
        created_at timestamptz NOT NULL DEFAULT now(),
        updated_at timestamptz NOT NULL DEFAULT now()
      )`);
    await runner.query('CREATE INDEX ON relay_control.subscriptions (database, id)');
    await runner.query('CREATE INDEX ON relay_control.subscriptions (application_id, id)');
    await runner.query(`
      CREATE TABLE relay_control.topic_outbox (
        sequence bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        subscription_id text,
        database text,
        CHECK (num_nonnulls(subscription_id, database) = 1)
      )`);
    await runner.query('CREATE INDEX ON relay_control.topic_outbox (subscription_id)');
    await runner.query('CREATE INDEX ON relay_control.topic_outbox (database)');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE relay_control.topic_outbox, relay_control.subscriptions');
    await runner.query('DROP TABLE relay_control.database_settings, relay_control.applications');
  }
}
