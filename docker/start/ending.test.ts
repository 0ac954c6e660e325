import { describe, expect, it } from '@jest/globals';
import { Ending } from './ending.js';

describe('the end of a run', () => {
  it('has the first reason that came', () => {
    const ending = new Ending();
    const error = new Error('an app ended');
    ending.fail(error);
    ending.ask();
    expect(ending.reason).toEqual({ kind: 'failed', error });
    expect(ending.signal.aborted).toBe(true);
  });

  it('comes when something that is watched fails', async () => {
    const ending = new Ending();
    const error = new Error('the database is gone');
    ending.watch(Promise.reject(error));
    await expect(ending.orEnd(new Promise(() => undefined))).rejects.toThrow('the run ends');
    expect(ending.reason).toEqual({ kind: 'failed', error });
  });

  it('interrupts whoever waits, and leaves alone who is done before', async () => {
    const ending = new Ending();
    expect(await ending.orEnd(Promise.resolve(7))).toBe(7);
    const waiting = ending.orEnd(new Promise(() => undefined));
    ending.ask();
    await expect(waiting).rejects.toThrow('the run ends');
    await expect(ending.orEnd(new Promise(() => undefined))).rejects.toThrow('the run ends');
  });
});
