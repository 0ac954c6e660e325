import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Which URL each attempt has asked: its hash stands with the attempt, and all that a subscription had are kept. */
export class AddAskedUrls1796320000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE relay_control.attempts ADD COLUMN url_hash integer');
    // `replaced_at` is when the subscription got another one or was deleted, so that these can be forgotten some day.
    await runner.query(`
      CREATE TABLE relay_control.subscription_urls (
        subscription_id text COLLATE "C",
        url_hash integer,
        url text NOT NULL,
        replaced_at timestamptz,
        PRIMARY KEY (subscription_id, url_hash)
      )`);
    await runner.query('CREATE INDEX ON relay_control.subscription_urls (replaced_at)');
    // As urlHash of libs/subscription.
    await runner.query(`
      CREATE FUNCTION relay_control.url_hash(url text) RETURNS integer
      LANGUAGE sql IMMUTABLE SET search_path = pg_catalog AS $$
        SELECT ('x' || encode(substring(sha256(convert_to(url, 'UTF8')) FROM 1 FOR 4), 'hex'))::bit(32)::integer
      $$`);
    await runner.query(`
      INSERT INTO relay_control.subscription_urls
      SELECT id, relay_control.url_hash(url), url FROM relay_control.subscriptions`);
    await keepUrls(runner);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TRIGGER keep_subscription_url ON relay_control.subscriptions');
    await runner.query('DROP FUNCTION relay_control.keep_subscription_url, relay_control.url_hash');
    await runner.query('DROP TABLE relay_control.subscription_urls');
    await runner.query('ALTER TABLE relay_control.attempts DROP COLUMN url_hash');
  }
}

async function keepUrls(runner: QueryRunner): Promise<void> {
  await runner.query(`
    CREATE FUNCTION relay_control.keep_subscription_url() RETURNS trigger
    LANGUAGE plpgsql SET search_path = pg_catalog AS $$
    BEGIN
      IF TG_OP <> 'INSERT' THEN
        UPDATE relay_control.subscription_urls SET replaced_at = now()
        WHERE subscription_id = OLD.id AND replaced_at IS NULL;
      END IF;
      IF TG_OP <> 'DELETE' THEN
        INSERT INTO relay_control.subscription_urls VALUES (NEW.id, relay_control.url_hash(NEW.url), NEW.url)
        ON CONFLICT (subscription_id, url_hash) DO UPDATE SET url = EXCLUDED.url, replaced_at = NULL;
      END IF;
      RETURN NULL;
    END $$`);
  await runner.query(`
    CREATE TRIGGER keep_subscription_url AFTER INSERT OR UPDATE OF url OR DELETE
    ON relay_control.subscriptions FOR EACH ROW EXECUTE FUNCTION relay_control.keep_subscription_url()`);
}
