import { ControlMetrics } from '../apps/control/src/control-metrics.js';
import { DeliveryMetrics } from '../apps/delivery/src/delivery-metrics.js';
import { IngestMetrics } from '../apps/ingest/src/ingest-metrics.js';
import { RouterMetrics } from '../apps/router/src/router-metrics.js';
import type { DescribedMetric } from '#libs/process';

const intro = `# Metrics

What each app says at \`GET /metrics\`, in the text format of Prometheus. Made from the descriptions in the code by \`npm run docs\`.

- Apps serve it at HTTP_PORT, beside their probes. Of control that is the port of the API, and whoever reaches it may read: give it METRICS_PORT where the API can be reached from outside.
- Counters begin at 0 with each start of an app. Sum over the instances of an app unless a line says otherwise.
- No label holds what there are many of: no subscription, endpoint, record, application or path as a caller wrote it. There are as many topics as captured tables.
- "From the commit" is from the moment at which ingest saw the change in the database, by the database's clock: some milliseconds after the commit. The clocks of database and delivery should agree.
- What delivery counts for each delivery costs less than 1 % of its processor time: 0.6 % in \`npm run bench:delivery\`, which says it as \`metricsShare\`.
- To tell apps apart where a metric is of all of them, use the label \`app\` of \`relay_app_info\` by \`instance\`.

`;

/** Of all that Node says of itself the ones to watch; names as prom-client has them. */
const ofNode: readonly DescribedMetric[] = [
  {
    name: 'nodejs_eventloop_lag_p99_seconds',
    type: 'gauge',
    labels: [],
    help: 'Event-loop delay: 99 of 100 turns since the last scrape were not later than this; 0.01 is the measure itself',
  },
  {
    name: 'nodejs_eventloop_lag_max_seconds',
    type: 'gauge',
    labels: [],
    help: 'The longest of these turns',
  },
  { name: 'nodejs_heap_size_used_bytes', type: 'gauge', labels: [], help: 'Memory in use for JavaScript' },
  {
    name: 'process_resident_memory_bytes',
    type: 'gauge',
    labels: [],
    help: 'Memory of the process as a whole',
  },
  {
    name: 'process_cpu_seconds_total',
    type: 'counter',
    labels: [],
    help: 'Processor time; an app has one core to use, but for compression, TLS and garbage collection',
  },
  { name: 'process_open_fds', type: 'gauge', labels: [], help: 'Open files and connections (Linux)' },
  {
    name: 'process_start_time_seconds',
    type: 'gauge',
    labels: [],
    help: 'When the process began, seconds since 1970',
  },
];

/** By app, and what is of every app under `every app`. */
export function describedMetrics(): ReadonlyMap<string, readonly DescribedMetric[]> {
  const apps = new Map([
    ['ingest', new IngestMetrics(0).metrics.described],
    ['router', new RouterMetrics().metrics.described],
    ['delivery', new DeliveryMetrics('').metrics.described],
    ['control', new ControlMetrics().metrics.described],
  ]);
  const [first = [], ...others] = apps.values();
  const isOfAll = ({ name }: DescribedMetric): boolean =>
    others.every((described) => described.some((other) => other.name === name));
  const own = Array.from(apps, ([app, described]): [string, DescribedMetric[]] => [
    app,
    described.filter((metric) => !isOfAll(metric)),
  ]);
  return new Map([...own, ['every app', [...first.filter(isOfAll), ...ofNode]]]);
}

/** The text of docs/metrics.md. */
export function metricsDocs(): string {
  const sections = Array.from(describedMetrics(), ([app, described]) =>
    [
      `## ${app}`,
      '',
      '| metric | type | labels | meaning |',
      '|---|---|---|---|',
      ...described.map(line),
      '',
    ].join('\n'),
  );
  return `${intro}${sections.join('\n').trimEnd()}\n`;
}

function line({ name, type, labels, help }: DescribedMetric): string {
  const shown = labels.map((label) => `\`${label}\``).join(', ');
  return `| \`${name}\` | ${type} | ${shown} | ${help.replaceAll('|', '\\|')} |`;
}
