import { describe, expect, it } from '@jest/globals';
import { eventually } from './eventually.js';

describe('eventually', () => {
  it('gives the first answer that is neither false, null nor undefined, through errors too', async () => {
    const answers = [false, null, new Error('not yet'), undefined, 0, 1];
    const ask = (): number | false | null | undefined => {
      const answer = answers.shift();
      if (answer instanceof Error) throw answer;
      return answer as number;
    };
    expect(await eventually(ask, { pollMs: 1 })).toBe(0);
  });

  it('says at its end what it waited for, with the last error as the cause', async () => {
    const cause = new Error('still down');
    const waiting = eventually(
      () => {
        throw cause;
      },
      { timeoutMs: 20, pollMs: 5, describe: () => 'the broker' },
    );
    await expect(waiting).rejects.toMatchObject({ message: 'Not within 20 ms: the broker', cause });
  });

  it('asks no more after an error it was told to give up on', async () => {
    let asked = 0;
    const waiting = eventually(
      () => {
        asked++;
        throw new TypeError('over');
      },
      { pollMs: 1, giveUpOn: (error) => error instanceof TypeError },
    );
    await expect(waiting).rejects.toThrow('over');
    expect(asked).toBe(1);
  });
});
