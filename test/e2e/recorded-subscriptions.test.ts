import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { ChangeReader, changeTopic, defaultModels, tableOf, type Change } from '#libs/change';
import { deliveryTopics } from '#libs/delivery-task';
import { Kafka, SchemaRegistry } from '#libs/kafka';
import {
  basicSubscription,
  defaultDeliverySettings,
  subscriptionSchema,
  subscriptionToAvro,
  subscriptionTopics,
  subscriptionTopicSpecs,
} from '#libs/subscription';
import { silentLogger } from '#libs/telemetry';
import { startApp, type StartedApp } from '../harness/apps.js';
import { eventually } from '../harness/eventually.js';
import { testStack } from '../harness/stack.js';
import { odooFixture, readWorkload, restoreDump, runWorkload } from './odoo-fixture.js';
import { recordedWishes } from './recorded-wishes.js';
import { deliveredAs } from './simple-evaluator.js';

const folder = odooFixture();
const describeRecorded = folder === undefined ? describe.skip : describe;
const stack = testStack();
const database = 'recorded';
const timeoutMs = 180_000;
const lastComment = 'the end';

describeRecorded('fifty subscriptions to a recorded Odoo', () => {
  const connection = { topicPrefix: stack.topicPrefix, logger: silentLogger };
  const registry = new SchemaRegistry({ url: stack.schemaRegistryUrl, ...connection });
  const apps: StartedApp[] = [];
  let kafka: Kafka;
  const changes: Change[] = [];

  beforeAll(async () => {
    kafka = new Kafka({ brokers: stack.brokers, clientId: 'recorded-subscriptions', ...connection });
    await subscribe();
    const databaseUrl = await stack.freshDatabase();
    await restoreDump(join(folder ?? '', 'database.sql.gz'), databaseUrl);
    const environment = {
      KAFKA_BROKERS: stack.brokers.join(','),
      SCHEMA_REGISTRY_URL: stack.schemaRegistryUrl,
      KAFKA_TOPIC_PREFIX: stack.topicPrefix,
    };
    apps.push(await startApp('router', environment));
    apps.push(
      await startApp('ingest', { ...environment, ODOO_DATABASE_URL: databaseUrl, DATABASE_SLUG: database }),
    );
    await runWorkload(readWorkload(folder ?? ''), databaseUrl, () => Promise.resolve());
    const client = new pg.Client({ connectionString: databaseUrl });
    await client.connect();
    await client.query('update res_partner set comment = $1 where id = 1', [lastComment]);
    await client.end();
    await readChanges();
  }, timeoutMs);

  afterAll(async () => {
    await Promise.all(apps.map((app) => app.stop()));
    await kafka.close();
  });

  async function subscribe(): Promise<void> {
    await kafka.ensureTopics(subscriptionTopicSpecs);
    const codec = await registry.register(subscriptionTopics.subscriptions, 'value', subscriptionSchema);
    const publisher = await kafka.publisher();
    await publisher.publish(
      recordedWishes.map(({ id, eventTypes, filter, fieldChanges }) => ({
        topic: subscriptionTopics.subscriptions,
        key: id,
        value: codec.encode(
          subscriptionToAvro({
            id,
            applicationId: 'test',
            database,
            eventTypes,
            format: 'json',
            url: 'https://shop.example/hooks',
            secrets: [],
            enabled: true,
            enabledEpoch: 0,
            sinceMs: 0n,
            settings: defaultDeliverySettings,
            ...basicSubscription,
            filter: filter === undefined ? null : JSON.stringify(filter),
            fieldChanges: fieldChanges === undefined ? null : JSON.stringify(fieldChanges),
          }),
        ),
      })),
    );
    await publisher.close();
  }

  async function readChanges(): Promise<void> {
    const reader = new ChangeReader(registry);
    const ofTable = async (table: string): Promise<Change[]> => {
      const found: Change[] = [];
      for (const record of await kafka.readToEnd(changeTopic(database, table))) {
        const read = await reader.read(record);
        if (read.kind === 'change') found.push(read.change);
      }
      return found;
    };
    // Its last change comes last, because all are published in the order of their transactions.
    await eventually(async () =>
      (await ofTable('res_partner')).some(({ after }) => after?.['comment'] === lastComment),
    );
    for (const model of defaultModels) {
      changes.push(...(await ofTable(tableOf(model))));
    }
    await eventually(async () => (await kafka.lag('relay-router')) === 0n);
  }

  it('get exactly the deliveries that a simple evaluator of another hand says', async () => {
    const expected = recordedWishes.flatMap((wish) =>
      changes.flatMap((change) => {
        const type = deliveredAs(wish, change);
        return type === undefined ? [] : `${wish.id} ${change.source.change_id} ${type}`;
      }),
    );
    const delivered = (await kafka.readToEnd(deliveryTopics.first)).map(
      ({ headers }) =>
        `${headers['subscription-id'] ?? ''} ${headers['change-id'] ?? ''} ${headers['event-type'] ?? ''}`,
    );
    expect(delivered.sort()).toEqual(expected.sort());
    expect(await kafka.readToEnd('relay.rejected.router')).toEqual([]);
  });

  it('are of all kinds: nearly every one of them gets something, and none gets all', () => {
    const counts = recordedWishes.map((wish) => changes.filter((change) => deliveredAs(wish, change)).length);
    expect(counts.filter((count) => count > 0).length).toBeGreaterThanOrEqual(40);
    expect(Math.max(...counts)).toBeLessThan(changes.length);
  });
});
