import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What is kept of `relay.events`, and who is still to be told of it. */
export class AddNotices1796130000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    // Numbered in the order of the topic; whoever writes an event twice gives it the same id.
    await runner.query(`
      CREATE TABLE relay_control.operational_events (
        number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        id text COLLATE "C" NOT NULL UNIQUE,
        type text COLLATE "C" NOT NULL,
        at timestamptz NOT NULL,
        database text COLLATE "C" NOT NULL,
        application_id text COLLATE "C",
        subscription_id text COLLATE "C",
        data jsonb NOT NULL
      )`);
    await runner.query('CREATE INDEX ON relay_control.operational_events (application_id, number)');
    await runner.query('CREATE INDEX ON relay_control.operational_events (subscription_id, number)');
    await runner.query('CREATE INDEX ON relay_control.operational_events (at)');
    await runner.query(`
      CREATE TABLE relay_control.event_positions (
        topic_partition integer PRIMARY KEY,
        next_offset bigint NOT NULL
      )`);
    await runner.query(`
      CREATE TABLE relay_control.notice_outbox (
        number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        channel text COLLATE "C" NOT NULL,
        recipient text COLLATE "C" NOT NULL,
        event_number bigint NOT NULL REFERENCES relay_control.operational_events ON DELETE CASCADE,
        queued_at timestamptz NOT NULL
      )`);
    await runner.query('CREATE INDEX ON relay_control.notice_outbox (channel, recipient, number)');
    await runner.query('CREATE INDEX ON relay_control.notice_outbox (event_number)');
    // Not before then is something sent to a recipient again.
    await runner.query(`
      CREATE TABLE relay_control.notice_pace (
        channel text COLLATE "C" NOT NULL,
        recipient text COLLATE "C" NOT NULL,
        not_before timestamptz NOT NULL,
        failures integer NOT NULL,
        PRIMARY KEY (channel, recipient)
      )`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(
      `DROP TABLE relay_control.notice_pace, relay_control.notice_outbox, relay_control.event_positions,
         relay_control.operational_events`,
    );
  }
}
