import { afterEach, describe, expect, it } from '@jest/globals';
import { CatchUp } from './catch-up.js';

let catchUp: CatchUp;
afterEach(() => {
  catchUp.close();
});
const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

describe('catching up', () => {
  it('lets lanes take turns', async () => {
    catchUp = new CatchUp(200);
    const order: string[] = [];
    const left = { busy: 50, other: 3 };
    const turn = (lane: keyof typeof left) => (): boolean => {
      order.push(lane);
      if (--left[lane] > 0) catchUp.enqueue(turns[lane]);
      return true;
    };
    const turns = { busy: turn('busy'), other: turn('other') };
    catchUp.enqueue(turns.busy);
    catchUp.enqueue(turns.other);
    while (left.other > 0) await pause(5);
    expect(order.filter((lane) => lane === 'busy').length).toBeLessThanOrEqual(8);
  });

  it('keeps to its rate', async () => {
    catchUp = new CatchUp(100);
    let made = 0;
    const turn = (): boolean => {
      made++;
      catchUp.enqueue(turn);
      return true;
    };
    const startedAtMs = performance.now();
    catchUp.enqueue(turn);
    await pause(300);
    const allowed = ((performance.now() - startedAtMs) / 1000) * 100 + 3;
    expect(made).toBeGreaterThan(1);
    expect(made).toBeLessThanOrEqual(allowed);
  });

  it('goes three quarters as fast as first attempts come, where these are more', () => {
    catchUp = new CatchUp(10);
    expect(catchUp.ratePerS).toBe(10);
    for (let count = 0; count < 100; count++) catchUp.sawFirst(300);
    expect(Math.round(catchUp.ratePerS)).toBeGreaterThan(700);
    expect(Math.round(catchUp.ratePerS)).toBeLessThanOrEqual(750);
  });

  it('goes at its own rate again when first attempts have stopped', () => {
    let nowMs = 0;
    catchUp = new CatchUp(10, () => nowMs);
    catchUp.sawFirst(30_000);
    expect(Math.round(catchUp.ratePerS)).toBe(750);
    nowMs = 30_000;
    expect(Math.round(catchUp.ratePerS)).toBe(276);
    nowMs = 600_000;
    expect(catchUp.ratePerS).toBe(10);
  });

  it('uses up nothing for a lane that has nothing after all', () => {
    catchUp = new CatchUp(1);
    let made = 0;
    catchUp.enqueue(() => false);
    catchUp.enqueue(() => {
      made++;
      return true;
    });
    expect(made).toBe(1);
  });
});
