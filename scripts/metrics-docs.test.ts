import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { describedMetrics, metricsDocs } from './metrics-docs.js';

it('docs/metrics.md says what the apps measure (npm run docs writes it)', () => {
  expect(readFileSync('docs/metrics.md', 'utf8')).toBe(metricsDocs());
});

describe('the name of a metric', () => {
  const own = [...describedMetrics()].flatMap(([app, metrics]) =>
    metrics.filter(({ name }) => name.startsWith('relay_')).map((metric) => ({ app, ...metric })),
  );

  it('begins with what it is of', () => {
    const wrong = own.filter(({ app, name }) =>
      app === 'every app' ? !/^relay_(app|kafka)_/.test(name) : !name.startsWith(`relay_${app}_`),
    );
    expect(wrong).toEqual([]);
  });

  it('ends with _total where it counts, and with its unit where it is a histogram', () => {
    const wrong = own.filter(
      ({ name, type }) =>
        name.endsWith('_total') !== (type === 'counter') ||
        (type === 'histogram' && !name.endsWith('_seconds')) ||
        /_(ms|millis|milliseconds|kb|mb|minutes)(_|$)/.test(name),
    );
    expect(wrong).toEqual([]);
  });

  it('has no label of which there are many', () => {
    const few = [
      ...['app', 'group', 'method', 'outcome', 'part', 'projection', 'reason', 'route', 'state'],
      ...['status_class', 'tier', 'topic'],
    ];
    expect(own.flatMap(({ labels }) => labels).filter((label) => !few.includes(label))).toEqual([]);
  });
});
