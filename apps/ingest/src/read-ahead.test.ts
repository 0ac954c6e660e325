import { describe, expect, it } from '@jest/globals';
import { readAhead } from './read-ahead.js';

/** Gives 1, 2, 3 … and notes what was asked for and whether it was ended. */
function counting(log: string[], failAt = Infinity): AsyncGenerator<number, void, void> {
  async function* count(): AsyncGenerator<number, void, void> {
    try {
      for (let number = 1; number <= 4; number++) {
        log.push(`asked for ${number}`);
        await Promise.resolve();
        if (number === failAt) throw new Error(`no ${number}`);
        yield number;
      }
    } finally {
      log.push('ended');
    }
  }
  return count();
}

describe('readAhead', () => {
  it('gives all items in order, each while the next one is asked for already', async () => {
    const log: string[] = [];
    const asked: number[] = [];
    const items: number[] = [];
    for await (const item of readAhead(counting(log))) {
      items.push(item);
      asked.push(log.filter((line) => line.startsWith('asked')).length);
    }
    expect(items).toEqual([1, 2, 3, 4]);
    expect(asked).toEqual([2, 3, 4, 4]);
  });

  it('tells of an error behind the items before it', async () => {
    const items: number[] = [];
    const read = async (): Promise<void> => {
      for await (const item of readAhead(counting([], 3))) items.push(item);
    };
    await expect(read()).rejects.toThrow('no 3');
    expect(items).toEqual([1, 2]);
  });

  it('ends its source when its reader stops, an item that failed meanwhile included', async () => {
    const log: string[] = [];
    for await (const item of readAhead(counting(log, 2))) {
      expect(item).toBe(1);
      break;
    }
    expect(log.at(-1)).toBe('ended');
  });
});
