import type { MigrationInterface, QueryRunner } from 'typeorm';

export class AddAuditLog1796042000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    // The ids rise with time, also between instances, but for their clocks.
    await runner.query(`
      CREATE TABLE relay_control.audit_log (
        id text COLLATE "C" PRIMARY KEY,
        at timestamptz NOT NULL,
        principal_kind text NOT NULL,
        principal_id text NOT NULL,
        client_address text NOT NULL,
        request_id text NOT NULL,
        method text NOT NULL,
        route text NOT NULL,
        status integer NOT NULL,
        resource text,
        changes jsonb NOT NULL
      )`);
    await runner.query('CREATE INDEX ON relay_control.audit_log (principal_id, id)');
    await runner.query('CREATE INDEX ON relay_control.audit_log (resource, id)');
    await runner.query('CREATE INDEX ON relay_control.audit_log (at)');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE relay_control.audit_log');
  }
}
