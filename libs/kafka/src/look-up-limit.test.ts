import { describe, expect, it } from '@jest/globals';
import { LookUpLimit } from './look-up-limit.js';

/** True when it resolves without waiting. */
async function isFree(turn: Promise<void>): Promise<boolean> {
  let free = false;
  void turn.then(() => (free = true));
  for (let i = 0; i < 10; i++) {
    await Promise.resolve();
  }
  return free;
}

describe('asking for unknown schemas', () => {
  it('is free a few times and then once a second', async () => {
    let nowMs = 0;
    const limit = new LookUpLimit(() => nowMs);
    for (let i = 0; i < 5; i++) {
      expect(await isFree(limit.turn())).toBe(true);
    }
    nowMs = 999;
    const sixth = limit.turn();
    expect(await isFree(sixth)).toBe(false);
    nowMs = 2_000;
    await sixth;
    expect(await isFree(limit.turn())).toBe(true);
    expect(await isFree(limit.turn())).toBe(false);
    nowMs = 10_000;
  });

  it('costs nothing when the schema was found', async () => {
    const limit = new LookUpLimit(() => 0);
    for (let i = 0; i < 100; i++) {
      expect(await isFree(limit.turn())).toBe(true);
      limit.found();
    }
  });

  it('costs nothing either when many are asked for at once and found', async () => {
    const limit = new LookUpLimit(() => 0);
    let asked = 0;
    const turns = Array.from({ length: 100 }, () => limit.turn().then(() => asked++));
    while (asked < turns.length) {
      const before = asked;
      limit.found();
      await new Promise(setImmediate);
      expect(asked).toBeGreaterThan(before);
    }
    await Promise.all(turns);
  });
});
