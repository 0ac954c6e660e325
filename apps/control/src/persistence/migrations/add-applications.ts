import type { MigrationInterface, QueryRunner } from 'typeorm';

export class AddApplications1796100000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    // The default application, and those there are, go on to see everything: null is all.
    await runner.query(`
      ALTER TABLE relay_control.applications
        ADD COLUMN description text NOT NULL DEFAULT '',
        ADD COLUMN website text,
        ADD COLUMN contact_email text,
        ADD COLUMN state text NOT NULL DEFAULT 'approved'
          CHECK (state IN ('pending', 'approved', 'rejected', 'suspended')),
        ADD COLUMN scopes text[] NOT NULL DEFAULT '{subscriptions:read,subscriptions:write,deliveries:read,replay}',
        ADD COLUMN databases text[],
        ADD COLUMN models text[],
        ADD COLUMN company_ids integer[],
        ADD COLUMN redirect_urls text[] NOT NULL DEFAULT '{}',
        ADD COLUMN updated_at timestamptz NOT NULL DEFAULT now()`);
    await runner.query('ALTER TABLE relay_control.applications ALTER COLUMN id TYPE text COLLATE "C"');
    await runner.query(`
      CREATE TABLE relay_control.application_credentials (
        id text COLLATE "C" PRIMARY KEY,
        application_id text COLLATE "C" NOT NULL REFERENCES relay_control.applications ON DELETE CASCADE,
        kind text NOT NULL CHECK (kind IN ('api-key', 'oauth2-client', 'oauth1-consumer')),
        name text NOT NULL,
        scopes text[] NOT NULL,
        secret_hash text,
        secret text,
        public_key text,
        created_at timestamptz NOT NULL,
        revoked_at timestamptz
      )`);
    await runner.query('CREATE INDEX ON relay_control.application_credentials (application_id, id)');
    await runner.query('CREATE INDEX ON relay_control.subscriptions (application_id, id)');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP INDEX relay_control.subscriptions_application_id_id_idx');
    await runner.query('DROP TABLE relay_control.application_credentials');
    await runner.query(`
      ALTER TABLE relay_control.applications
        DROP COLUMN description, DROP COLUMN website, DROP COLUMN contact_email, DROP COLUMN state,
        DROP COLUMN scopes, DROP COLUMN databases, DROP COLUMN models, DROP COLUMN company_ids,
        DROP COLUMN redirect_urls, DROP COLUMN updated_at`);
  }
}
