import { beforeAll, describe, expect, it } from '@jest/globals';
import { silentLogger } from '#libs/telemetry';
import { connect, createSmallOdoo, smallOdooModels } from '../../../test/e2e/small-odoo.js';
import { testStack } from '../../../test/harness/stack.js';
import { refuseBadColumnLists } from './column-types.js';
import { defaultCaptureOptions, installCapture } from './install-capture.js';

const stack = testStack();

let databaseUrl: string;

beforeAll(async () => {
  databaseUrl = await stack.freshDatabase();
  await createSmallOdoo(databaseUrl);
});

describe('columns that are denied', () => {
  it('never enter the outbox, of one model or of all, nor does what is a secret by its name', async () => {
    const client = await connect(databaseUrl);
    await client.query('alter table sale_order add column "x_odd,name" text');
    const deniedColumns = ['res.partner.comment', '*.company_id', 'sale.order.x_odd,name'];
    await installCapture(client, smallOdooModels, silentLogger, { ...defaultCaptureOptions, deniedColumns });
    await client.query(`insert into res_partner (name, comment, company_id, signup_token, image)
      values ('shown', 'hidden', 4711, 'hidden', 'hidden');
      update res_partner set comment = 'hidden again', name = 'shown again';
      insert into sale_order (name, company_id, "x_odd,name", access_token) values ('shown', 4711, 'hidden', 'hidden');
      delete from res_partner`);
    const { rows } = await client.query<{ row: string }>(
      'select concat(before, after) as row from relay.outbox order by sequence',
    );
    expect(rows).toHaveLength(4);
    expect(rows.every(({ row }) => row.includes('shown'))).toBe(true);
    expect(JSON.stringify(rows)).not.toMatch(/hidden|4711|68696464656e/);
    await client.end();
  });

  it.each(['comment', 'res.partner.', '*.*', 'res.partner.id', 'Res.Partner.x'])(
    'are refused when %j is given',
    (entry) => {
      expect(() => {
        refuseBadColumnLists({ DENIED_COLUMNS: [entry] });
      }).toThrow(/DENIED_COLUMNS takes entries like/);
    },
  );
});
