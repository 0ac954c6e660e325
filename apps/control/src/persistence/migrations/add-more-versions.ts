import type { MigrationInterface, QueryRunner } from 'typeorm';

const tables = ['applications', 'accounts'];

/** Of what had none yet. The default is for what an instance of before writes while it is replaced. */
export class AddMoreVersions1796210000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const table of tables) {
      await runner.query(`
        ALTER TABLE relay_control.${table}
          ADD COLUMN version text NOT NULL DEFAULT left(md5(random()::text), 12)`);
    }
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const table of tables) {
      await runner.query(`ALTER TABLE relay_control.${table} DROP COLUMN version`);
    }
  }
}
