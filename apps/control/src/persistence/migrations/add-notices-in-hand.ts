import type { MigrationInterface, QueryRunner } from 'typeorm';

/** The last notice of a sending that has begun: what is sent again after a crash is the same, whatever came since. */
export class AddNoticesInHand1796310000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE relay_control.notice_pace ADD COLUMN in_hand_until bigint');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE relay_control.notice_pace DROP COLUMN in_hand_until');
  }
}
