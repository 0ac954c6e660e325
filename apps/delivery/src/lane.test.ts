import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { CatchUp } from './catch-up.js';
import { Lanes, type LaneJob, type LaneSettings, type Urgency } from './lane.js';

const limits = { concurrency: 4, size: 10, patienceMs: 0 };

const noSettings: LaneSettings = { concurrency: null, rateLimitPerS: null };

function lanesWith(given: Partial<typeof limits>, settings = noSettings, catchUpPerS = 1_000_000): Lanes {
  const surroundings = { limits: { ...limits, ...given }, catchUp: new CatchUp(catchUpPerS) };
  return new Lanes(surroundings, () => settings);
}

/** Jobs that end when told. */
class Jobs {
  readonly started: string[] = [];
  readonly putOff: string[] = [];
  private readonly ends = new Map<string, () => void>();

  job(name: string, record = name, urgency: Urgency = 'first'): LaneJob {
    return {
      record,
      urgency,
      isOnlyLate: false,
      run: () => {
        this.started.push(name);
        return new Promise((resolve) => this.ends.set(name, resolve));
      },
      putOff: () => this.putOff.push(name),
    };
  }

  async end(name: string): Promise<void> {
    this.ends.get(name)?.();
    this.ends.delete(name);
    await new Promise((resolve) => setImmediate(resolve));
  }

  get underWay(): string[] {
    return [...this.ends.keys()];
  }
}

const tick = (ms = 5): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

describe('a lane', () => {
  it('makes as many at a time as it may, in their order', async () => {
    const jobs = new Jobs();
    const lane = lanesWith({}).of('s');
    for (const name of ['a', 'b', 'c', 'd', 'e', 'f']) lane.offer(jobs.job(name));
    expect(jobs.started).toEqual(['a', 'b', 'c', 'd']);
    await jobs.end('c');
    expect(jobs.started).toEqual(['a', 'b', 'c', 'd', 'e']);
  });

  it('never makes two of one record at the same time, keeps their order and lets others pass', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.integer({ min: 0, max: 3 }), { maxLength: 40 }),
        fc.infiniteStream(fc.nat()),
        async (records, choices) => {
          const jobs = new Jobs();
          const lane = lanesWith({ size: 100 }).of('s');
          records.forEach((record, index) => lane.offer(jobs.job(`${record}/${index}`, String(record))));
          while (jobs.underWay.length > 0) {
            const running = jobs.underWay.map((name) => name.split('/')[0]);
            expect(new Set(running).size).toBe(running.length);
            const chosen = choices.next().value % jobs.underWay.length;
            await jobs.end(jobs.underWay[chosen] ?? '');
          }
          for (const record of [0, 1, 2, 3]) {
            const made = jobs.started.filter((name) => name.startsWith(`${record}/`));
            const sent = records.flatMap((of, index) => (of === record ? [`${record}/${index}`] : []));
            expect(made).toEqual(sent);
          }
        },
      ),
      { numRuns: 30 },
    );
  });

  it('that stands still is full at its size', async () => {
    const jobs = new Jobs();
    const lane = lanesWith({}).of('s');
    for (let index = 0; index < 14; index++) expect(lane.offer(jobs.job(`j${index}`))).toBe(true);
    await tick();
    expect(lane.offer(jobs.job('more'))).toBe(false);
    await jobs.end('j0');
    expect(lane.offer(jobs.job('one more'))).toBe(true);
  });

  it('is full earlier for retries, and earlier still for replays', () => {
    const jobs = new Jobs();
    const lane = lanesWith({ concurrency: 1 }).of('s');
    lane.offer(jobs.job('under way'));
    const taken = (urgency: Urgency): number => {
      let count = 0;
      while (lane.offer(jobs.job(`${urgency}${count}`, `${urgency}${count}`, urgency))) count++;
      return count;
    };
    expect(taken('replay')).toBe(3);
    expect(taken('again')).toBe(2);
    expect(lane.offer(jobs.job('first'))).toBe(true);
  });

  it('makes first attempts before retries and retries before replays', async () => {
    const jobs = new Jobs();
    const lane = lanesWith({ concurrency: 1 }).of('s');
    lane.offer(jobs.job('a'));
    lane.offer(jobs.job('replay', 'x', 'replay'));
    lane.offer(jobs.job('retry', 'y', 'again'));
    lane.offer(jobs.job('b'));
    for (const name of ['a', 'b', 'retry', 'replay']) await jobs.end(name);
    expect(jobs.started).toEqual(['a', 'b', 'retry', 'replay']);
  });

  it('has no more under way than its subscription asks for', () => {
    const jobs = new Jobs();
    const lane = lanesWith({}, { concurrency: 2, rateLimitPerS: null }).of('s');
    for (const name of ['a', 'b', 'c']) lane.offer(jobs.job(name));
    expect(jobs.underWay).toEqual(['a', 'b']);
  });

  it('starts no more a second than its subscription asks for, also when it was idle in between', async () => {
    const jobs = new Jobs();
    const lanes = lanesWith({}, { concurrency: null, rateLimitPerS: 20 });
    const startedAtMs = performance.now();
    for (let count = 0; count < 5; count++) {
      lanes.of('s').offer(jobs.job(`j${count}`));
      while (jobs.underWay.length === 0) await tick(1);
      await jobs.end(`j${count}`);
    }
    // Four waits of 50 ms: never less, however fast the machine is.
    expect(performance.now() - startedAtMs).toBeGreaterThan(190);
    while (lanes.count > 0) await tick();
  });

  it('begins with one at a time for an endpoint that has come back', () => {
    const jobs = new Jobs();
    const lane = lanesWith({}).of('s');
    lane.slowStart();
    for (const name of ['a', 'b', 'c']) lane.offer(jobs.job(name));
    expect(jobs.underWay).toEqual(['a']);
  });

  it('that moves takes more than its size, and puts off the youngest once it stands still', async () => {
    const jobs = new Jobs();
    const lane = lanesWith({ patienceMs: 30 }).of('s');
    for (let index = 0; index < 20; index++) expect(lane.offer(jobs.job(`j${index}`))).toBe(true);
    expect(jobs.putOff).toEqual([]);
    while (jobs.putOff.length === 0) await tick();
    expect(jobs.putOff).toEqual(['j14', 'j15', 'j16', 'j17', 'j18', 'j19']);
    while (jobs.underWay.length > 0) await jobs.end(jobs.underWay[0] ?? '');
    expect(jobs.started).toHaveLength(14);
    expect(lane.size).toBe(0);
  });

  it('puts nothing off for a burst while its endpoint answers promptly', async () => {
    const jobs = new Jobs();
    const lane = lanesWith({ concurrency: 1, size: 2, patienceMs: 1_000 }).of('s');
    for (let index = 0; index < 20; index++) lane.offer(jobs.job(`j${index}`));
    const startedAtMs = performance.now();
    while (performance.now() - startedAtMs < 300) {
      await jobs.end(jobs.underWay[0] ?? '');
      lane.offer(jobs.job(`more${performance.now()}`));
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    expect(jobs.putOff).toEqual([]);
  });

  it('takes no more than its size once it is known that its endpoint is too slow for more', async () => {
    const jobs = new Jobs();
    const lane = lanesWith({ concurrency: 1, size: 2, patienceMs: 500 }).of('s');
    for (let index = 0; index < 40; index++) {
      lane.offer(jobs.job(`j${index}`));
      if (index % 3 === 0) await tick(60);
      if (index % 3 === 0) await jobs.end(jobs.underWay[0] ?? '');
    }
    let taken = lane.size;
    while (lane.offer(jobs.job(`more${taken}`))) taken++;
    // One in 60 ms or more: 500 ms are worth eight at most, and one is under way.
    expect(taken).toBeLessThanOrEqual(10);
  });

  it('that put off jobs of a record goes on with that record', async () => {
    const jobs = new Jobs();
    const lane = lanesWith({ concurrency: 1, size: 1, patienceMs: 20 }).of('s');
    for (const name of ['a', 'b', 'c', 'd']) lane.offer(jobs.job(name, 'r'));
    while (jobs.putOff.length === 0) await tick();
    expect(jobs.putOff).toEqual(['c', 'd']);
    await jobs.end('a');
    await jobs.end('b');
    lane.offer(jobs.job('e', 'r'));
    expect(jobs.started).toEqual(['a', 'b', 'e']);
  });

  it('makes fewer at a time for an endpoint that is too slow, at least one, and more again later', async () => {
    const jobs = new Jobs();
    const lane = lanesWith({ size: 100 }).of('s');
    for (let index = 0; index < 4; index++) lane.slowDown();
    for (let index = 0; index < 30; index++) lane.offer(jobs.job(`j${index}`));
    expect(jobs.underWay).toHaveLength(1);
    for (let index = 0; index < 20; index++) lane.speedUp();
    await jobs.end('j0');
    expect(jobs.underWay).toHaveLength(4);
  });

  it('without work is forgotten', async () => {
    const jobs = new Jobs();
    const lanes = lanesWith({});
    lanes.of('s').offer(jobs.job('a'));
    lanes.of('t').offer(jobs.job('b'));
    expect(lanes.count).toBe(2);
    await jobs.end('a');
    expect(lanes.count).toBe(1);
  });
});
