import { describe, expect, it } from '@jest/globals';
import type { AttemptRow, DeliveryTask } from '#libs/delivery-task';
import { silentLogger } from '#libs/telemetry';
import { deliveryKey, TakeOvers } from './take-overs.js';

type Row = Pick<AttemptRow, 'webhook_id' | 'attempt' | 'outcome' | 'redrive'>;
const row = (
  webhook_id: string,
  attempt: number,
  outcome: AttemptRow['outcome'],
  redrive: string | null = null,
): Row => ({
  webhook_id,
  attempt,
  outcome,
  redrive,
});
const next = (webhookId: string, attempts: number, redrive: string | null = null): string =>
  deliveryKey({ webhookId, attempts, redrive } as DeliveryTask);

function takeOversOf(rowsOf: (partition: number) => readonly Row[]): {
  takeOvers: TakeOvers;
  asked: number[][];
} {
  const asked: number[][] = [];
  const readRows = (partitions: readonly number[]): Promise<{ partition: number; row: AttemptRow }[]> => {
    asked.push([...partitions]);
    return Promise.resolve(
      partitions.flatMap((partition) =>
        rowsOf(partition).map((each) => ({ partition, row: each as AttemptRow })),
      ),
    );
  };
  return { takeOvers: new TakeOvers({ readRows, logger: silentLogger, graceMs: 10 }), asked };
}

describe('whoever takes a partition over', () => {
  it('knows what was delivered of it, and not what only failed', async () => {
    const { takeOvers } = takeOversOf(() => [
      row('a', 1, 'delivered'),
      row('b', 1, 'failed'),
      row('c', 3, 'delivered'),
    ]);
    const known = await takeOvers.untilKnown(3);
    expect(known.has(next('a', 0))).toBe(true);
    expect(known.has(next('b', 0))).toBe(false);
    expect(known.has(next('c', 2))).toBe(true);
    expect(known.has(next('c', 0))).toBe(false);
    expect(takeOvers.delivered(3)).toBe(known);
  });

  it('sends once more what a redrive asks for, though it was delivered before', async () => {
    const { takeOvers } = takeOversOf(() => [row('a', 1, 'delivered', 'rdr-1')]);
    const known = await takeOvers.untilKnown(0);
    expect(known.has(next('a', 0, 'rdr-1'))).toBe(true);
    expect(known.has(next('a', 0, 'rdr-2'))).toBe(false);
    expect(known.has(next('a', 0))).toBe(false);
  });

  it('reads the rows of partitions that come together once, and anew when one comes back', async () => {
    const { takeOvers, asked } = takeOversOf(() => []);
    await Promise.all([takeOvers.untilKnown(1), takeOvers.untilKnown(2), takeOvers.untilKnown(1)]);
    expect(asked).toEqual([[1, 2]]);
    takeOvers.forget(2);
    expect(takeOvers.delivered(2)).toBeUndefined();
    await takeOvers.untilKnown(2);
    expect(asked).toEqual([[1, 2], [2]]);
  });

  it('does not take for known what was read before the partition went away', async () => {
    const { takeOvers, asked } = takeOversOf(() => []);
    const early = takeOvers.untilKnown(4);
    takeOvers.forget(4);
    await early;
    expect(takeOvers.delivered(4)).toBeUndefined();
    await takeOvers.untilKnown(4);
    expect(asked).toHaveLength(2);
  });

  it('waits until its rows can be read', async () => {
    let tries = 0;
    const takeOvers = new TakeOvers({
      readRows: () => (++tries < 2 ? Promise.reject(new Error('away')) : Promise.resolve([])),
      logger: silentLogger,
      graceMs: 10,
    });
    expect((await takeOvers.untilKnown(0)).size).toBe(0);
    expect(tries).toBe(2);
  });
});
