import type { FieldError } from '../http/problem.js';
import { timeField } from '../http/time-field.js';
import type { ReplayFrom } from './replay-progress.js';

/** What is replayed, as given: its form is right. */
export type AskedFrom =
  | { kind: 'current-state' }
  | { kind: 'missed' }
  | { kind: 'time'; timeMs: number }
  | { kind: 'change'; changeId: string };

export type CheckedFrom =
  { kind: 'right'; asked: AskedFrom; from: ReplayFrom } | { kind: 'wrong'; errors: FieldError[] };

const forms = '"current-state", "missed", {"time": …} or {"changeId": …}';
const maxChangeIdLength = 200;

export function checkFrom(given: unknown): CheckedFrom {
  if (given === 'current-state' || given === 'missed') {
    return { kind: 'right', asked: { kind: given }, from: given };
  }
  const [entry, ...more] = typeof given === 'object' && given !== null ? Object.entries(given) : [];
  if (entry?.[0] === 'time' && more.length === 0) {
    return checkTime(entry[1]);
  }
  if (entry?.[0] === 'changeId' && more.length === 0) {
    return checkChangeId(entry[1]);
  }
  return wrong('from', `must be one of ${forms}`);
}

function checkTime(time: unknown): CheckedFrom {
  const { timeMs, errors } = timeField('from.time', typeof time === 'string' ? time : '');
  if (timeMs === undefined || typeof time !== 'string') {
    return { kind: 'wrong', errors };
  }
  return timeMs > Date.now()
    ? wrong('from.time', 'must not be in the future: what changes from now on comes by itself')
    : { kind: 'right', asked: { kind: 'time', timeMs }, from: { time } };
}

function checkChangeId(changeId: unknown): CheckedFrom {
  return typeof changeId === 'string' && changeId !== '' && changeId.length <= maxChangeIdLength
    ? { kind: 'right', asked: { kind: 'change', changeId }, from: { changeId } }
    : wrong('from.changeId', 'must be the id of a change: change_id of a body');
}

function wrong(field: string, message: string): CheckedFrom {
  return { kind: 'wrong', errors: [{ field, code: 'invalid', message }] };
}
