import { afterEach, describe, expect, it } from '@jest/globals';
import type { AttemptResult } from './attempt.js';
import { Breakers, type BreakerLimits } from './breakers.js';

const limits: BreakerLimits = { volume: 10, resetMs: 50 };
let breakers: Breakers;
afterEach(() => {
  breakers.close();
});

const result = (outcome: AttemptResult['outcome'], status: number | null): AttemptResult => ({
  outcome,
  status,
  error: null,
  response: null,
  durationMs: 1,
  retryAfterMs: undefined,
});
const ok = result('delivered', 200);
const failed = result('failed', 500);
const timedOut = result('timedOut', null);

async function run(times: number, answer: AttemptResult, endpoint = 'e'): Promise<void> {
  for (let time = 0; time < times; time++) {
    await breakers.run(endpoint, () => Promise.resolve(answer));
  }
}
async function untilProbe(): Promise<void> {
  while (breakers.waitMs('e') > 0) await new Promise((resolve) => setTimeout(resolve, 5));
}

describe('a breaker', () => {
  it('does not exist for an endpoint that has not failed', async () => {
    breakers = new Breakers(limits);
    await run(100, ok);
    await run(100, result('failed', 404));
    await run(1, result('gone', 410));
    expect(breakers.count).toBe(0);
    await run(1, failed);
    expect(breakers.count).toBe(1);
  });

  it('stays closed at low volume, so that retries come when they are due', async () => {
    breakers = new Breakers(limits);
    await run(9, failed);
    expect(breakers.waitMs('e')).toBe(0);
    await run(1, failed);
    expect(breakers.waitMs('e')).toBeGreaterThan(0);
  });

  it('stays closed while most of the attempts succeed', async () => {
    breakers = new Breakers(limits);
    for (let turn = 0; turn < 20; turn++) {
      await run(1, failed);
      await run(2, ok);
    }
    expect(breakers.waitMs('e')).toBe(0);
  });

  it('opens after a few timeouts in a row, because each of them costs a whole time limit', async () => {
    breakers = new Breakers(limits);
    await run(4, timedOut);
    expect(breakers.waitMs('e')).toBe(0);
    await run(1, timedOut);
    expect(breakers.waitMs('e')).toBeGreaterThan(0);
  });

  it('is of one endpoint alone', async () => {
    breakers = new Breakers(limits);
    await run(10, failed);
    expect(breakers.waitMs('e')).toBeGreaterThan(0);
    expect(breakers.waitMs('other')).toBe(0);
  });

  it('lets one attempt through after its time and closes when that succeeds', async () => {
    breakers = new Breakers(limits);
    await run(10, failed);
    await untilProbe();
    let end: (answer: AttemptResult) => void = () => undefined;
    const probe = breakers.run('e', () => new Promise((resolve) => (end = resolve)));
    expect(breakers.waitMs('e')).toBeGreaterThan(0);
    end(ok);
    await probe;
    expect(breakers.waitMs('e')).toBe(0);
  });

  it('stays open twice as long each time that attempt fails', async () => {
    breakers = new Breakers({ volume: 1, resetMs: 2_000 });
    await run(1, failed);
    const first = breakers.waitMs('e');
    expect(first).toBeGreaterThan(1_000);
    expect(first).toBeLessThanOrEqual(2_000);
    breakers.close();

    breakers = new Breakers({ volume: 1, resetMs: 700 });
    await run(1, failed);
    await untilProbe();
    await run(1, failed);
    // 1,400 ms now; what is left of it is more than 700 ms right after.
    expect(breakers.waitMs('e')).toBeGreaterThan(1_000);
  });

  it('gives results on as they are, and those of attempts under way when it opened, too', async () => {
    breakers = new Breakers({ volume: 2, resetMs: 1_000 });
    const ends: ((answer: AttemptResult) => void)[] = [];
    const many = Array.from({ length: 10 }, () =>
      breakers.run('e', () => new Promise<AttemptResult>((resolve) => ends.push(resolve))),
    );
    ends.forEach((end) => {
      end(failed);
    });
    expect(await Promise.all(many)).toEqual(many.map(() => failed));
    expect(breakers.waitMs('e')).toBeGreaterThan(0);
  });
});
