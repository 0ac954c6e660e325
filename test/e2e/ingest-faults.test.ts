import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startApp, type StartedApp } from '../harness/apps.js';
import { testStack } from '../harness/stack.js';
import { ingestFixture, type IngestFixture } from './ingest-fixture.js';
import { connect } from './small-odoo.js';

const stack = testStack();

let odoo: IngestFixture;
let ingest: StartedApp;

beforeAll(async () => {
  odoo = await ingestFixture(stack, 'faults');
  ingest = await startApp('ingest', odoo.environment());
});

afterAll(async () => {
  await ingest.stop();
  await odoo.close();
});

/** Whatever was written before is published when this is. */
async function publishUpTo(id: number): Promise<void> {
  await odoo.writer.query('insert into res_partner (id, name) values ($1, $2)', [id, 'the last']);
  await odoo.changesUntil('res_partner', id, 1);
}

describe('what Odoo does with a transaction', () => {
  it('fault 4: a rollback leaves no change, and a transaction retried after a serialisation failure makes one', async () => {
    await odoo.writer.query(`insert into res_partner (id, name) values (1, 'first')`);
    await odoo.writer.query(`begin; update res_partner set name = 'phantom' where id = 1;
      insert into res_partner (id, name) values (2, 'phantom'); rollback`);
    const other = await connect(odoo.databaseUrl);
    const attempt = async (meanwhile?: string): Promise<void> => {
      await other.query('begin isolation level repeatable read; select from res_partner');
      if (meanwhile !== undefined) await odoo.writer.query(meanwhile);
      await other.query(`insert into res_partner (id, name) values (3, 'retried')`);
      await other.query(`update res_partner set name = 'retried' where id = 1`);
      await other.query('commit');
    };
    await expect(attempt(`update res_partner set name = 'second' where id = 1`)).rejects.toThrow(
      /could not serialize access/,
    );
    await other.query('rollback');
    await attempt();
    await other.end();
    await publishUpTo(4);
    const names = (await odoo.changesOf('res_partner', 1)).map(({ after }) => after?.['name']);
    expect(names).toEqual(['first', 'second', 'retried']);
    expect(await odoo.historyOf('res_partner', 2)).toEqual([]);
    expect(await odoo.historyOf('res_partner', 3)).toEqual(['c']);
  });

  it('fault 6: create, write and unlink in one transaction publishes nothing', async () => {
    await odoo.writer.query(`begin; insert into res_partner (id, name) values (10, 'a');
      update res_partner set name = 'b' where id = 10; delete from res_partner where id = 10; commit`);
    await publishUpTo(11);
    expect(await odoo.historyOf('res_partner', 10)).toEqual([]);
  });

  it('fault 6: create, write and unlink in three transactions are three changes in order, the tombstone last', async () => {
    await odoo.writer.query(`insert into res_partner (id, name) values (12, 'a')`);
    await odoo.writer.query(`update res_partner set name = 'b' where id = 12`);
    await odoo.writer.query(`delete from res_partner where id = 12`);
    await publishUpTo(13);
    expect(await odoo.historyOf('res_partner', 12)).toEqual(['c', 'u', 'd', 'tombstone']);
  });
});
