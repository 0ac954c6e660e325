import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { startApp, type StartedApp } from '../harness/apps.js';
import { eventually } from '../harness/eventually.js';
import { Scrape } from '../harness/metrics.js';
import { testStack } from '../harness/stack.js';
import { ingestFixture, type IngestFixture } from './ingest-fixture.js';

const stack = testStack();
const started: StartedApp[] = [];
let fixture: IngestFixture;

beforeAll(async () => {
  fixture = await ingestFixture(stack, 'standby');
});

afterAll(async () => {
  await Promise.all(started.map((app) => app.stop()));
  await fixture.close();
});

/** Resolves when it is ready, which it also is while it waits. */
async function startIngest(): Promise<StartedApp> {
  const app = await startApp('ingest', fixture.environment({ STAND_BY: 'true' }));
  started.push(app);
  return app;
}

const waits = (app: StartedApp): boolean => app.output().includes('standing by');
const captures = (app: StartedApp): boolean => app.output().includes('"capturing"');

/** One that waits is behind nothing: it would be taken for an ingest that does not publish. */
async function lagOf({ url }: StartedApp): Promise<number | undefined> {
  return (await Scrape.of(url)).value('relay_ingest_capture_lag_seconds');
}

it('of two ingests one captures and one stands by, ready; when the first is killed the second goes on', async () => {
  const first = await startIngest();
  await eventually(() => captures(first));
  const second = await startIngest();
  await eventually(() => waits(second));
  await fixture.writer.query(`insert into res_partner (id, name) values (70, 'a')`);
  await fixture.changesUntil('res_partner', 70, 1);
  expect(captures(second)).toBe(false);
  expect(await lagOf(second)).toBeUndefined();

  await first.kill();
  for (let n = 0; n < 20; n += 1) {
    await fixture.writer.query(`update res_partner set name = 'b${n}' where id = 70`);
  }
  expect(await fixture.changesUntil('res_partner', 70, 21)).toHaveLength(21);
  expect(await lagOf(second)).toBeLessThan(5);

  // And one that drains hands over to a third, as an exchange of the app does.
  const third = await startIngest();
  await eventually(() => waits(third));
  await second.stop();
  await fixture.writer.query(`update res_partner set name = 'c' where id = 70`);
  const changes = await fixture.changesUntil('res_partner', 70, 22);
  const ids = changes.map(({ source }) => source.change_id);
  expect(new Set(ids).size).toBe(22);
});
