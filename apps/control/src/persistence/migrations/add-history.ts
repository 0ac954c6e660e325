import type { MigrationInterface, QueryRunner } from 'typeorm';

/** The history: the rows of `relay.attempts`, by day, and how far that topic is read. */
export class AddHistory1796031000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(createAttempts);
    // Each ends in the order of the pages and begins with what a page is asked for; the outcome comes before the
    // order, because a rare one must be found without looking through all others.
    for (const by of [
      'application_id, outcome',
      'database, outcome',
      'event_type, outcome',
      'record',
      'webhook_id',
      'change_id',
    ]) {
      await runner.query(
        `CREATE INDEX ON relay_control.attempts (${by}, at_ms DESC, topic_partition DESC, topic_offset DESC)`,
      );
    }
    // With the duration, so that the statistics need nothing else.
    await runner.query(
      `CREATE INDEX ON relay_control.attempts
         (subscription_id, outcome, at_ms DESC, topic_partition DESC, topic_offset DESC) INCLUDE (duration_ms)`,
    );
    // What there is: a page of all is one of each of these, put together.
    await runner.query(`
      CREATE TABLE relay_control.attempt_kinds (
        database text COLLATE "C",
        outcome text COLLATE "C",
        PRIMARY KEY (database, outcome)
      )`);
    await runner.query(`
      CREATE TABLE relay_control.attempt_positions (
        topic_partition integer PRIMARY KEY,
        next_offset bigint NOT NULL
      )`);
    await createOwners(runner);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TRIGGER keep_subscription_owner ON relay_control.subscriptions');
    await runner.query('DROP FUNCTION relay_control.keep_subscription_owner');
    await runner.query(
      `DROP TABLE relay_control.attempts, relay_control.attempt_kinds, relay_control.attempt_positions,
         relay_control.subscription_owners`,
    );
  }
}

// No primary key: that each row is there once follows from the positions, which are saved with it.
const createAttempts = `
  CREATE TABLE relay_control.attempts (
    at_ms bigint NOT NULL,
    topic_offset bigint NOT NULL,
    sequence bigint NOT NULL,
    committed_at_ms bigint NOT NULL,
    topic_partition integer NOT NULL,
    attempt integer NOT NULL,
    duration_ms integer NOT NULL,
    status integer,
    outcome text COLLATE "C" NOT NULL,
    application_id text COLLATE "C",
    subscription_id text COLLATE "C" NOT NULL,
    database text COLLATE "C" NOT NULL,
    event_type text COLLATE "C" NOT NULL,
    record text COLLATE "C" NOT NULL,
    webhook_id text COLLATE "C" NOT NULL,
    change_id text COLLATE "C" NOT NULL,
    error text,
    reason text,
    redrive text,
    response text
  ) PARTITION BY RANGE (at_ms)`;

/** Whose a subscription was is known after it is deleted, too: its history is still its owner's. */
async function createOwners(runner: QueryRunner): Promise<void> {
  await runner.query(`
    CREATE TABLE relay_control.subscription_owners (
      subscription_id text COLLATE "C" PRIMARY KEY,
      application_id text NOT NULL
    )`);
  await runner.query(`
    INSERT INTO relay_control.subscription_owners
    SELECT id, application_id FROM relay_control.subscriptions`);
  await runner.query(`
    CREATE FUNCTION relay_control.keep_subscription_owner() RETURNS trigger
    LANGUAGE plpgsql SET search_path = pg_catalog AS $$
    BEGIN
      INSERT INTO relay_control.subscription_owners VALUES (NEW.id, NEW.application_id)
      ON CONFLICT (subscription_id) DO UPDATE SET application_id = EXCLUDED.application_id;
      RETURN NULL;
    END $$`);
  await runner.query(`
    CREATE TRIGGER keep_subscription_owner AFTER INSERT OR UPDATE OF application_id
    ON relay_control.subscriptions FOR EACH ROW EXECUTE FUNCTION relay_control.keep_subscription_owner()`);
}
