import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { parse } from 'yaml';
import type { AppName } from '../../harness/apps.js';
import { eventually } from '../../harness/eventually.js';
import { testStack } from '../../harness/stack.js';
import type { TcpProxy } from '../../harness/tcp-proxy.js';
import { WholePipeline } from './whole-pipeline.js';
import { freePort } from '../../harness/free-port.js';

const stack = testStack();
const isThere = spawnSync('prometheus', ['--version']).error === undefined;
/** In place of Grafana's; four times the pause between scrapes, as that is. */
const rateInterval = '8s';
const scrapeInterval = '2s';
const outageMs = 120_000;
const alertsFile = 'docker/prometheus/alerts.yaml';

let folder: string;
let pipeline: WholePipeline;
let kafka: TcpProxy;
let prometheus: ChildProcess;
let url: string;

if (!isThere) {
  process.stderr.write('Alerts and dashboard are not asked: there is no prometheus on the PATH.\n');
}

interface Rule {
  name: string;
  query: string;
  health: string;
  lastError?: string;
  state: string;
}

interface Series {
  metric: Record<string, string>;
  value: [number, string];
}

async function api<T>(path: string): Promise<T> {
  const response = await fetch(`${url}/api/v1/${path}`);
  const answer = (await response.json()) as { status: string; error?: string; data: T };
  if (answer.status !== 'success') throw new Error(`${path}: ${answer.error ?? 'no reason'}`);
  return answer.data;
}

async function ask(expression: string): Promise<Series[]> {
  const query = expression.replaceAll('$__rate_interval', rateInterval);
  return (await api<{ result: Series[] }>(`query?query=${encodeURIComponent(query)}`)).result;
}

async function startPrometheus(): Promise<void> {
  const address = `127.0.0.1:${await freePort()}`;
  const config = {
    global: { scrape_interval: scrapeInterval, evaluation_interval: scrapeInterval },
    rule_files: [join(process.cwd(), alertsFile)],
    scrape_configs: [
      {
        job_name: 'odoo-relay',
        static_configs: [{ targets: pipeline.apps.map(({ port }) => `127.0.0.1:${port}`) }],
      },
    ],
  };
  const file = join(folder, 'prometheus.json');
  await writeFile(file, JSON.stringify(config));
  prometheus = spawn(
    'prometheus',
    [`--config.file=${file}`, `--storage.tsdb.path=${folder}/data`, `--web.listen-address=${address}`],
    { stdio: 'ignore' },
  );
  url = `http://${address}`;
  await eventually(async () => (await fetch(`${url}/-/ready`)).ok);
}

function panels(): { title: string; expr: string }[] {
  const dashboard = JSON.parse(readFileSync('docker/grafana/odoo-relay.json', 'utf8')) as {
    panels: { title: string; targets?: { expr: string }[] }[];
  };
  return dashboard.panels.flatMap(({ title, targets = [] }) => targets.map(({ expr }) => ({ title, expr })));
}

interface AlertFile {
  groups: { rules: { alert: string; expr: string }[] }[];
}

/** Each alert with the metrics it asks for: those must be there while all is well. */
function askedMetrics(): [string, string][] {
  const { groups } = parse(readFileSync(alertsFile, 'utf8')) as AlertFile;
  return groups
    .flatMap(({ rules }) => rules)
    .flatMap(({ alert, expr }) => {
      const metrics = new Set(Array.from(expr.matchAll(/\b(?:relay|nodejs)_\w+/g), ([metric]) => metric));
      return Array.from(metrics, (metric): [string, string] => [alert, metric]);
    });
}

/** They show what is not 0, and in general nothing. */
const emptyPanels = ['Failures a second', 'Consumer lag'];

(isThere ? describe : describe.skip)('a Prometheus that asks all four apps', () => {
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'prometheus-'));
    kafka = await stack.kafkaProxy();
    pipeline = await WholePipeline.open(stack, stack);
    await pipeline.startAll(() => ({ KAFKA_BROKERS: kafka.address }));
    await startPrometheus();
    await pipeline.subscribe('all', { retryDelaysMs: [1_000] });
    await pipeline.untilChangeArrives();
    // For as long as a rate looks back.
    for (let n = 0; n < 24; n += 1) {
      await pipeline.insertPartner();
      await new Promise((resolve) => setTimeout(resolve, 500));
    }
  });

  afterAll(async () => {
    prometheus.kill('SIGTERM');
    await pipeline.close();
    await rm(folder, { recursive: true, force: true });
  });

  it('knows all of them as what they are', async () => {
    const apps = (await ask('relay_app_info')).map(({ metric }) => metric['app'] as AppName);
    expect(apps.sort()).toEqual(['control', 'delivery', 'ingest', 'router']);
  });

  it('takes every alert, and finds none of them true while all is well', async () => {
    const { groups } = await api<{ groups: { rules: Rule[] }[] }>('rules');
    const rules = groups.flatMap((group) => group.rules);
    expect(rules).toHaveLength(18);
    expect(
      rules.filter(({ health }) => health !== 'ok').map(({ name, lastError }) => [name, lastError]),
    ).toEqual([]);
    expect(rules.filter(({ state }) => state !== 'inactive').map(({ name }) => name)).toEqual([]);
  });

  it.each(askedMetrics())('has what %s asks for: %s', async (_, metric) => {
    expect((await ask(metric)).length).toBeGreaterThan(0);
  });

  it.each(panels().map(({ title, expr }): [string, string] => [title, expr]))(
    'has something for the panel %s: %s',
    async (title, expr) => {
      const series = await ask(expr);
      if (emptyPanels.includes(title)) return;
      expect(series.length).toBeGreaterThan(0);
    },
  );

  it('shows times in the panels of latencies, and no NaN, while there is something to do', async () => {
    await pipeline.insertPartner();
    const [series] = await ask(
      `histogram_quantile(0.99, sum by (le) (rate(relay_delivery_first_attempt_latency_seconds_bucket[1m])))`,
    );
    expect(Number(series?.value[1])).toBeGreaterThan(0);
    expect(Number(series?.value[1])).toBeLessThan(30);
  });

  it('counts the failures of a Kafka that does not answer fast enough for the alert, in each app', async () => {
    kafka.block();
    try {
      await new Promise((resolve) => setTimeout(resolve, outageMs));
      const failures = await ask(
        `max by (instance) (sum by (instance, part) (increase(relay_kafka_failures_total[${String(outageMs / 1_000)}s])))`,
      );
      const inFiveMinutes = failures.map(({ value: [, number] }) => (Number(number) * 300_000) / outageMs);
      expect(inFiveMinutes).toHaveLength(4);
      expect(Math.min(...inFiveMinutes)).toBeGreaterThan(5);
    } finally {
      kafka.restore();
    }
  });
});
