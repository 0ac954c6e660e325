import { describe, expect, it } from '@jest/globals';
import type { Change } from '#libs/change';
import type { AttemptRow } from '#libs/delivery-task';
import { Tally } from './tally.js';
import type { TopicChange } from './topic-check.js';

describe('the tally of a run', () => {
  it('leaves out what earlier transactions changed, their tombstones, and rows of a snapshot', () => {
    const tally = new Tally(true);
    tally.onChange(change('a,1', '5', 'u'));
    tally.begin(10n);
    tally.onChange(change('a,1', '10', 'u'));
    tally.onChange(change('a,2', '9', 'd'));
    tally.onChange({ kind: 'tombstone', record: 'a,2' });
    tally.onChange(change('a,3', '12', 'r'));
    expect(tally.topicChanges).toEqual([]);
    expect(tally.figures.changes).toBe(0);
  });

  it('keeps what is of this run, with the tombstone of each delete', () => {
    const tally = new Tally(true);
    tally.begin(10n);
    const ours: TopicChange[] = [change('a,1', '11', 'd'), { kind: 'tombstone', record: 'a,1' }];
    for (const entry of ours) {
      tally.onChange(entry);
    }
    tally.onChange({ kind: 'tombstone', record: 'a,1' });
    expect(tally.topicChanges).toEqual(ours);
    expect(tally.figures.changes).toBe(1);
  });

  it('keeps figures only where no ledger is wanted', () => {
    const tally = new Tally(false);
    tally.begin(10n);
    tally.onChange(change('a,1', '11', 'u'));
    tally.onDead('msg_1');
    expect([tally.topicChanges.length, tally.dead.size]).toEqual([0, 0]);
    expect(tally.figures).toMatchObject({ changes: 1, dead: 1 });
  });

  it('counts a superseded delivery as such, and as nothing else', () => {
    const tally = new Tally(false);
    tally.onAttempt({ outcome: 'superseded', attempt: 2 } as AttemptRow);
    expect(tally.figures).toEqual({ changes: 0, delivered: 0, retries: 0, dead: 0, superseded: 1 });
  });
});

function change(record: string, transactionId: string, op: Change['op']): TopicChange {
  const source = { change_id: `e-${transactionId}`, tx: { id: transactionId } };
  return { kind: 'change', record, change: { op, source } as unknown as Change };
}
