import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { parse } from 'yaml';
import { documentedMetrics } from '../../test/harness/metrics.js';

interface Alert {
  alert: string;
  expr: string;
  labels: { severity?: string };
  annotations: { summary?: string; description?: string; runbook?: string };
}

interface Dashboard {
  panels: {
    id: number;
    type: string;
    title: string;
    gridPos: { x: number; y: number; w: number; h: number };
    datasource?: { uid: string };
    fieldConfig?: { defaults: { unit?: string } };
    targets?: { datasource?: { uid: string } }[];
  }[];
  templating: { list: { name: string; type: string }[] };
}

interface PromtoolTests {
  tests: { alert_rule_test: { alertname: string; exp_alerts: unknown[] }[] }[];
}

const rules = readFileSync('docker/prometheus/alerts.yaml', 'utf8');
const dashboard = readFileSync('docker/grafana/odoo-relay.json', 'utf8');
const { groups } = parse(rules) as { groups: { rules: Alert[] }[] };
const alerts = groups.flatMap((group) => group.rules);
const names = alerts.map(({ alert }) => alert);
const promtoolTests = readdirSync('docker/prometheus')
  .filter((file) => file.endsWith('.test.yaml'))
  .flatMap((file) => (parse(readFileSync(`docker/prometheus/${file}`, 'utf8')) as PromtoolTests).tests)
  .flatMap((test) => test.alert_rule_test);

/** Names of metrics in an expression of Prometheus, a histogram's without what its series have behind it. */
function metricsIn(text: string): Set<string> {
  const documented = new Map(
    Array.from(documentedMetrics(), (line): [string, string] => line.split(' ') as [string, string]),
  );
  const found = [...text.matchAll(/\b(?:relay|nodejs|process)_\w+/g)].map(([name]) => name);
  return new Set(
    found.map((name) => {
      const base = name.replace(/_(bucket|sum|count)$/, '');
      return documented.get(base) === 'histogram' ? base : name;
    }),
  );
}

function undocumented(text: string): string[] {
  const known = new Set(Array.from(documentedMetrics(), (line) => line.split(' ')[0] ?? ''));
  return [...metricsIn(text)].filter((name) => !known.has(name));
}

/** The panels' expressions, whatever they stand in. */
function expressionsOf(json: string): string[] {
  const found: string[] = [];
  JSON.parse(json, (key: string, value: unknown) => {
    if (key === 'expr') found.push(String(value));
    return value;
  });
  return found;
}

function isBalanced(expression: string): boolean {
  const open: string[] = [];
  const pairs: Readonly<Record<string, string>> = { ')': '(', '}': '{', ']': '[' };
  for (const sign of expression.replaceAll(/"[^"]*"/g, '')) {
    if ('({['.includes(sign)) open.push(sign);
    else if (sign in pairs && open.pop() !== pairs[sign]) return false;
  }
  return open.length === 0;
}

describe('the alerts', () => {
  it('ask only for metrics that there are', () => {
    expect(undocumented(rules)).toEqual([]);
    expect(metricsIn(rules).size).toBeGreaterThan(15);
  });

  it('each have a severity, a summary, a description and a page that says what to do', () => {
    expect(alerts.length).toBeGreaterThan(10);
    const incomplete = alerts.filter(
      ({ alert, labels: { severity = '' }, annotations: { summary, description, runbook } }) =>
        !['critical', 'warning'].includes(severity) ||
        !summary ||
        !description ||
        runbook !== `docs/runbooks/${alert}.md`,
    );
    expect(incomplete.map(({ alert }) => alert)).toEqual([]);
    expect(readdirSync('docs/runbooks').sort()).toEqual(names.map((name) => `${name}.md`).sort());
  });

  it.each(names)('%s has a page whose links and metrics are there', (name) => {
    const page = readFileSync(`docs/runbooks/${name}.md`, 'utf8');
    const titles = ['## What it means', '## What to look at', '## What to do'];
    expect(titles.filter((title) => !page.includes(`\n${title}\n`))).toEqual([]);
    expect(undocumented(page)).toEqual([]);
    const links = [...page.matchAll(/\]\(([^)]+)\)/g)].map(([, link = '']) => link);
    expect(links.filter((link) => !existsSync(`docs/runbooks/${link}`))).toEqual([]);
  });

  it.each(names)('%s has tests for promtool, when it fires and when it does not', (name) => {
    const expected = promtoolTests.filter(({ alertname }) => alertname === name);
    expect(expected.some(({ exp_alerts }) => exp_alerts.length > 0)).toBe(true);
    expect(expected.some(({ exp_alerts }) => exp_alerts.length === 0)).toBe(true);
  });

  it('have expressions whose brackets close', () => {
    const wrong = alerts.filter(({ expr }) => !isBalanced(expr));
    expect(wrong.map(({ alert }) => alert)).toEqual([]);
  });
});

describe('the dashboard', () => {
  it('asks only for metrics that there are, in expressions whose brackets close', () => {
    const expressions = expressionsOf(dashboard);
    expect(expressions.length).toBeGreaterThan(30);
    expect(expressions.flatMap(undocumented)).toEqual([]);
    expect(expressions.filter((expression) => !isBalanced(expression))).toEqual([]);
  });

  const { panels, templating } = JSON.parse(dashboard) as Dashboard;
  const charts = panels.filter(({ type }) => type !== 'row');

  it('has panels with an id of their own, a unit, and the source of data that is chosen', () => {
    expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
    expect(templating.list.map(({ name, type }) => [name, type])).toEqual([['datasource', 'datasource']]);
    const wrong = charts.filter(
      ({ fieldConfig, datasource, targets = [] }) =>
        !fieldConfig?.defaults.unit ||
        [datasource, ...targets.map((target) => target.datasource)].some(
          (source) => source?.uid !== '${datasource}',
        ),
    );
    expect(wrong.map(({ title }) => title)).toEqual([]);
  });

  it('has panels that stand beside each other', () => {
    const cells = panels.flatMap(({ gridPos: { x, y, w, h } }) =>
      Array.from({ length: w * h }, (_, n) => `${String(x + (n % w))},${String(y + Math.floor(n / w))}`),
    );
    expect(new Set(cells).size).toBe(cells.length);
    expect(Math.max(...panels.map(({ gridPos: { x, w } }) => x + w))).toBe(24);
  });
});
