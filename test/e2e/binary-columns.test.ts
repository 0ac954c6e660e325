import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startApp, type StartedApp } from '../harness/apps.js';
import { eventually } from '../harness/eventually.js';
import { testStack } from '../harness/stack.js';
import { LoadFixture } from './load-fixture.js';

const stack = testStack();
let fixture: LoadFixture;
let ingest: StartedApp;

beforeAll(async () => {
  fixture = await LoadFixture.open(stack, 'binary');
  ingest = await startApp('ingest', {
    ...fixture.environment,
    MODELS: 'res.partner',
    BINARY_COLUMNS: 'res.partner.image',
  });
});

afterAll(async () => {
  await ingest.stop();
  await fixture.close();
});

describe('a binary column that is asked for', () => {
  it('is bytes in its topic, and of what is too large the size is told', async () => {
    const { writer } = fixture;
    await writer.query(
      `insert into res_partner (id, name, image) values (1, 'a', '\\x00ff0a'), (2, 'b', null)`,
    );
    await writer.query(`update res_partner set name = 'c' where id = 1`);
    await writer.query(`update res_partner set image = decode(repeat('00', 300000), 'hex') where id = 1`);
    await writer.query(`update res_partner set image = '' where id = 1`);
    const changes = await eventually(async () => {
      const found = await fixture.changes();
      return found.length === 5 && found.filter(({ after }) => after?.['id'] === 1);
    });
    const bytes = Buffer.from([0, 255, 10]);
    const omitted = '300000 bytes, over the limit of 262144';
    const told = changes.map(({ after, changed }) => [
      after?.['image'],
      after?.['image__omitted'],
      changed?.toSorted(),
    ]);
    expect(told).toEqual([
      [bytes, null, undefined],
      [bytes, null, ['name']],
      [null, omitted, ['image', 'image__omitted']],
      [Buffer.alloc(0), null, ['image', 'image__omitted']],
    ]);
    expect(changes[1]?.before).toMatchObject({ image: bytes });
  });

  it('is the same in a load', async () => {
    await fixture.writer.query(
      `update res_partner set image = decode(repeat('ab', 262144), 'hex') where id = 2`,
    );
    await fixture.finished(await fixture.request(`(relation) values ('res_partner')`));
    const loaded = (await fixture.changes()).filter(({ op }) => op === 'r');
    expect(loaded.map(({ after }) => after?.['image'])).toEqual(
      expect.arrayContaining([Buffer.alloc(0), Buffer.alloc(262_144, 0xab)]),
    );
  });

  it('of many records at once passes, a few rows at a time', async () => {
    await fixture.writer.query(`insert into res_partner (id, name, image)
      select i, 'many', decode(repeat(to_hex(16 + i % 100), 250000), 'hex') from generate_series(1000, 1149) i`);
    await fixture.writer.query(`update res_partner set name = 'changed' where name = 'many'`);
    const changed = await eventually(
      async () => {
        const found = (await fixture.changes()).filter(({ after }) => after?.['name'] === 'changed');
        return found.length === 150 && found;
      },
      { timeoutMs: 60_000 },
    );
    for (const { after, changed: names } of changed) {
      expect(names).toEqual(['name']);
      expect(after?.['image']).toEqual(Buffer.alloc(250_000, 16 + (Number(after?.['id']) % 100)));
    }
  }, 120_000);
});
