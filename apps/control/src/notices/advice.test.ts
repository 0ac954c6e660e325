import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { adviceFor } from './advice.js';
import { readEvent } from './read-event.js';

interface ExampleRecord {
  headers: Record<string, string>;
  value: string;
}

const { records } = JSON.parse(
  readFileSync(new URL('../../../../docs/contracts/topics/relay.events.json', import.meta.url), 'utf8'),
) as { records: ExampleRecord[] };

describe('advice', () => {
  it.each(records.map(({ headers, value }) => [headers['ce_type'], { headers, value: Buffer.from(value) }]))(
    'is given for %s, with words of its own and all that it names',
    (type, record) => {
      const read = readEvent(record as Parameters<typeof readEvent>[0]);
      const event = read.kind === 'row' ? read.row : undefined;
      expect(event?.type).toBe(type);
      const { what, whatToDo } = event === undefined ? { what: '?', whatToDo: '?' } : adviceFor(event);
      expect(what).not.toContain('Something of the kind');
      expect(what).not.toContain('?');
      expect(whatToDo).not.toContain('GET /v1/events says more');
    },
  );

  it('is given of a kind that is not known here, too', () => {
    const event = { type: 'moon.full', database: 'acme', subscriptionId: null, data: {} };
    expect(adviceFor(event)).toEqual({
      what: 'Something of the kind moon.full.',
      whatToDo: 'GET /v1/events says more.',
    });
  });
});
