import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { chartFolder, chartReadme, chartSchema, chartTopics } from './chart-docs.js';
import { readChartValues } from './chart-values.js';

const read = (file: string): string => readFileSync(`${chartFolder}/${file}`, 'utf8');

interface Schema {
  $ref?: string;
  properties?: Record<string, Schema>;
}

describe('the chart', () => {
  it('has a word on every value', () => {
    const values = readChartValues(read('values.yaml'));
    expect(values.length).toBeGreaterThan(100);
    expect(values.filter(({ description }) => description === '').map(({ path }) => path)).toEqual([]);
  });

  it('has every value in its schema', () => {
    const schema = JSON.parse(read('values.schema.json')) as Schema;
    const unknown = readChartValues(read('values.yaml')).filter(({ path }) => {
      let at: Schema | undefined = schema;
      for (const key of path.split('.')) at = at?.properties?.[key];
      return at === undefined;
    });
    expect(unknown.map(({ path }) => path)).toEqual([]);
  });

  it('says in README.md, schema and topics what values.yaml and the code say (npm run docs writes them)', () => {
    expect(read('README.md')).toBe(chartReadme(read('README.md'), read('values.yaml')));
    expect(read('values.schema.json')).toBe(chartSchema(read('values.schema.json')));
    expect(read('files/topics.json')).toBe(chartTopics());
  });
});

describe('readChartValues', () => {
  it('reads nested maps, lists and maps in brackets over several lines, and comments of several lines', () => {
    const text = [
      '# One',
      '# and two',
      'a:',
      '  b: 1',
      '',
      '  # Three',
      '  c:',
      '    { d: [x, y],',
      '      e: f }',
      'g: []',
    ].join('\n');
    expect(readChartValues(text)).toEqual([
      { path: 'a.b', standard: '1', description: '' },
      { path: 'a.c', standard: '{ d: [x, y], e: f }', description: 'Three' },
      { path: 'g', standard: '[]', description: '' },
    ]);
  });
});
