import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

import { Kafka } from '#libs/kafka';
import { silentLogger } from '#libs/telemetry';
import type { AppName } from '../../harness/apps.js';
import { authorityFile, testAuthority } from '../../harness/server-certificates.js';
import { testStack } from '../../harness/stack.js';
import { chartTopicPrefix as topicPrefix, chartUsers, giveRights } from './chart-rights.js';
import { startSecuredKafka, type SecuredKafka } from './secured-kafka.js';
import { eventually } from '../../harness/eventually.js';
import { WholePipeline } from './whole-pipeline.js';

const stack = testStack();
const users = chartUsers();
const password = 'pass-word-of-the-test';
const refused = /not authorized/i;

let kafka: SecuredKafka;
let pipeline: WholePipeline;

if (users === undefined) {
  process.stderr.write('Rights in Kafka are not tried: there is no helm that says what the chart gives.\n');
}

function nameOf(app: AppName): string {
  return users?.find((user) => user.app === app)?.name ?? '';
}

/** What the app could do, were it taken over. */
function as(app: AppName): Kafka {
  return new Kafka({
    brokers: [kafka.sasl],
    clientId: `taken-over-${app}`,
    topicPrefix,
    logger: silentLogger,
    security: {
      ssl: { ca: testAuthority },
      sasl: { mechanism: 'scram-sha-512', username: nameOf(app), password },
    },
  });
}

async function write(app: AppName, topic: string): Promise<void> {
  const client = as(app);
  try {
    const publisher = await client.publisher({ flushTimeoutMs: 3_000 });
    await publisher.publish([{ topic, key: 'a', value: Buffer.from('b') }]);
  } finally {
    await client.close();
  }
}

async function read(app: AppName, topic: string): Promise<unknown> {
  const client = as(app);
  try {
    return await client.readToEnd(topic);
  } finally {
    await client.close();
  }
}

/** What of control's answers is looked at here. */
interface Answer {
  id: string;
  sent: number;
  data: unknown[];
}

async function ask(method: string, path: string, body?: unknown): Promise<Answer> {
  const answer = await pipeline.call(method, path, body);
  if (answer.status >= 300) throw new Error(`${method} ${path}: ${JSON.stringify(answer)}`);
  return answer.body as unknown as Answer;
}

async function until(holds: () => Promise<boolean>): Promise<void> {
  await eventually(holds, { timeoutMs: 60_000, pollMs: 500, describe: () => pipeline.output() });
}

(users === undefined ? describe.skip : describe)('with the rights that the chart gives to its users', () => {
  beforeAll(async () => {
    kafka = await startSecuredKafka({
      plain: {},
      scram: Object.fromEntries((users ?? []).map(({ name }) => [name, password])),
      superUsers: [],
    });
    await giveRights(kafka.plaintext, users ?? []);
    pipeline = await WholePipeline.open(stack, stack);
    await pipeline.startAll((app) => ({
      KAFKA_BROKERS: kafka.sasl,
      KAFKA_TLS: 'true',
      KAFKA_TLS_CA_FILE: authorityFile,
      KAFKA_SASL_MECHANISM: 'scram-sha-512',
      KAFKA_SASL_USERNAME: nameOf(app),
      KAFKA_SASL_PASSWORD: password,
      KAFKA_TOPIC_PREFIX: topicPrefix,
    }));
  });

  afterAll(async () => {
    await pipeline.close();
    await kafka.stop();
  });

  it('there is a user for each app', () => {
    expect(users?.map(({ app }) => app).sort()).toEqual(['control', 'delivery', 'ingest', 'router']);
  });

  it('a change goes its whole way: delivered, retried, dead, sent again, replayed', async () => {
    const subscriptionId = await pipeline.subscribe('all', { retryDelaysMs: [1_000] });
    await pipeline.untilChangeArrives();
    pipeline.receiver.answer(503);
    await pipeline.insertPartner();
    await until(async () => (await ask('GET', '/v1/attempts?outcome=dead')).data.length > 0);
    pipeline.receiver.answer(200);
    const redrive = await ask('POST', '/v1/redrives', { subscriptionId });
    await until(async () => (await ask('GET', `/v1/redrives/${redrive.id}`)).sent > 0);
    const replay = await ask('POST', `/v1/subscriptions/${subscriptionId}/replays`, {
      from: { time: new Date(Date.now() - 3_600_000).toISOString() },
    });
    await until(async () => (await ask('GET', `/v1/replays/${replay.id}`)).sent > 1);
    expect(pipeline.output()).not.toMatch(/AUTHORIZATION_FAILED|[Nn]ot authorized/);
  });

  it.each<[AppName, string]>([
    ['ingest', 'relay.subscriptions'],
    ['ingest', 'relay.deliveries'],
    ['router', 'odoo.acme.res_partner'],
    ['router', 'relay.subscriptions'],
    ['router', 'relay.subscription-state'],
    ['router', 'relay.attempts'],
    ['router', 'relay.positions'],
    ['delivery', 'odoo.acme.res_partner'],
    ['delivery', 'relay.subscriptions'],
    ['delivery', 'relay.deliveries'],
    ['delivery', 'relay.positions'],
    ['control', 'odoo.acme.res_partner'],
    ['control', 'relay.deliveries'],
    ['control', 'relay.attempts'],
    ['control', 'relay.positions'],
    ['control', 'relay.subscription-state'],
  ])('%s cannot write %s', async (app, topic) => {
    await expect(write(app, topic)).rejects.toThrow(refused);
  });

  it.each<[AppName, string]>([
    ['ingest', 'relay.subscriptions'],
    ['ingest', 'relay.deliveries'],
    ['router', 'relay.deliveries'],
    ['router', 'relay.attempts'],
    ['delivery', 'odoo.acme.res_partner'],
    ['delivery', 'relay.deliveries.dead'],
    ['control', 'relay.positions'],
  ])('%s cannot read %s', async (app, topic) => {
    await expect(read(app, topic)).rejects.toThrow(refused);
  });
});
