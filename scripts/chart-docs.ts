import { positionsTopicSpec } from '../apps/ingest/src/position.js';
import { rejectedTopicSpec } from '../apps/ingest/src/change-topics.js';
import { deliveryTopicSpecs } from '#libs/delivery-task';
import type { ConfigTable } from '#libs/config';
import type { TopicSpec } from '#libs/kafka';
import { eventsTopicSpec } from '#libs/operational-events';
import { subscriptionTopicSpecs } from '#libs/subscription';
import { chartValuesTable, readChartValues } from './chart-values.js';
import { appSettings } from './configuration-docs.js';

/** Where the chart lies. */
export const chartFolder = 'charts/odoo-relay';

/** The chart gives these itself, from values of their own or from Secrets. */
const givenByChart: readonly string[] = [
  'KAFKA_BROKERS',
  'SCHEMA_REGISTRY_URL',
  'KAFKA_TOPIC_PREFIX',
  'KAFKA_REPLICATION_FACTOR',
  'KAFKA_TLS',
  'KAFKA_TLS_CA_FILE',
  'KAFKA_TLS_CERTIFICATE_FILE',
  'KAFKA_TLS_KEY_FILE',
  'KAFKA_SASL_MECHANISM',
  'KAFKA_SASL_USERNAME',
  'KAFKA_SASL_PASSWORD',
  'KAFKA_SASL_TOKEN_URL',
  'KAFKA_SASL_SCOPE',
  'HTTP_HOST',
  'HTTP_PORT',
  'ODOO_DATABASE_URL',
  'DATABASE_SLUG',
  'DATABASE_URL',
  'DATABASES',
  'MODELS',
  'STAND_BY',
  'ADMIN_KEY',
  'SECRETS_KEY',
  'SECRETS_KEY_FILE',
  'OUTBOUND_PROXY',
  'PUBLIC_URL',
  'METRICS_PORT',
];

const tableMarks = ['<!-- values -->\n\n', '\n\n<!-- /values -->'] as const;

/** README.md with the table of values.yaml in it. */
export function chartReadme(readme: string, values: string): string {
  const [head, rest = ''] = readme.split(tableMarks[0]);
  const tail = rest.split(tableMarks[1])[1] ?? '';
  return `${head ?? ''}${tableMarks[0]}${chartValuesTable(readChartValues(values))}${tableMarks[1]}${tail}`;
}

interface ChartSchema {
  $defs: Record<string, { propertyNames?: { enum: string[] } }>;
}

/** The schema of the values with the settings that the apps know. */
export function chartSchema(schema: string): string {
  const parsed = JSON.parse(schema) as ChartSchema;
  const known = Object.entries(appSettings);
  const everywhere = Object.keys(appSettings['router'] ?? {}).filter((name) =>
    known.every(([, table]) => name in table),
  );
  const names = new Map(known.map(([app, table]) => [`${app}Settings`, settingsToGive(table)]));
  names.set('commonSettings', everywhere.filter(isForUsers));
  for (const [name, settings] of names) {
    parsed.$defs[name] = { ...parsed.$defs[name], propertyNames: { enum: settings } };
  }
  return `${JSON.stringify(parsed, null, 2)}\n`;
}

function settingsToGive(table: ConfigTable): string[] {
  return Object.entries(table)
    .filter(([name, setting]) => isForUsers(name) && setting.secret !== true)
    .map(([name]) => name);
}

function isForUsers(name: string): boolean {
  return !givenByChart.includes(name);
}

/** Topics with fixed names, as the apps make them: for those who let Strimzi do it. */
export function chartTopics(): string {
  const specs: readonly TopicSpec[] = [
    ...subscriptionTopicSpecs,
    ...deliveryTopicSpecs,
    positionsTopicSpec,
    rejectedTopicSpec,
    eventsTopicSpec,
  ];
  const topics = specs.map(({ topic, partitions, config = {} }) => ({ topic, partitions, config }));
  return `${JSON.stringify(topics, null, 2)}\n`;
}
