import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { Client, escapeIdentifier } from 'pg';
import type { Stack } from '#embedded';
import { eventually } from '../harness/eventually.js';
import { startPrivateStack, testStack } from '../harness/stack.js';
import { ControlledPipeline, type Answered } from './control-outage.js';
import { expectChangeable, expectInOrder, expectWholeHistory, goThroughOutage } from './control-stopped.js';

/** Longer than an answer of Postgres is waited for, and shorter than what callers do not put up with. */
const mostMs = 12_000;
const stack = testStack();
let own: Stack;
let pipeline: ControlledPipeline;
let id: string;

beforeAll(async () => {
  own = await startPrivateStack({ only: ['postgres'] });
  pipeline = await ControlledPipeline.start(stack, await own.createDatabase('control'));
  id = await pipeline.subscribe('all');
  pipeline.startWriting();
}, 180_000);

afterAll(async () => {
  await pipeline.close();
  await own.stop();
});

/** As the one who may do everything, beside control. */
async function asAdministrator<T>(use: (client: Client) => Promise<T>): Promise<T> {
  const client = new Client({ connectionString: own.databaseUrl });
  client.on('error', () => undefined);
  await client.connect();
  try {
    return await use(client);
  } finally {
    await client.end();
  }
}

const endOthers = `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = 'control'`;

/** Reads and writes without pause, twelve at a time, until told to stop. */
async function load(until: Promise<unknown>): Promise<Answered[]> {
  const answers: Answered[] = [];
  let isOver = false;
  void until.then(() => (isOver = true));
  const worker = async (index: number): Promise<void> => {
    for (let turn = index; !isOver; turn++) {
      const [method, path, body] = requests(turn);
      answers.push(await pipeline.call(method, path, body));
    }
  };
  await Promise.all([until, ...Array.from({ length: 12 }, (_, index) => worker(index))]);
  return answers;
}

function requests(turn: number): [method: string, path: string, body?: unknown] {
  switch (turn % 4) {
    case 0:
      return ['GET', '/v1/subscriptions?limit=10'];
    case 1:
      return ['PATCH', `/v1/subscriptions/${id}`, { settings: { timeoutMs: 3_000 + turn } }];
    case 2:
      return ['GET', '/v1/attempts?limit=20'];
    default:
      return ['GET', `/v1/subscriptions/${id}`];
  }
}

/** A page of the history that takes too long says so in its own way. */
function isRefusal({ status, retryAfter, body }: Answered): boolean {
  const [error] = (body['errors'] ?? []) as { code: string }[];
  return status === 503 ? retryAfter !== null : status === 422 && error?.code === 'too_many';
}

function expectOnlyRefusals(answers: readonly Answered[]): void {
  const wrong = answers.filter((answer) => answer.status !== 200 && !isRefusal(answer));
  const unexpected = pipeline.control.logLines().filter(({ msg }) => msg === 'a request failed unexpectedly');
  expect(unexpected.map(({ stack }) => stack)).toEqual([]);
  expect(wrong).toEqual([]);
  expect(answers.filter(({ tookMs }) => tookMs > mostMs)).toEqual([]);
}

it('without control and its Postgres changes go on in order, and nothing is missing in the history afterwards', async () => {
  await goThroughOutage(pipeline, { own, subscriptionId: id, outageMs: 8_000 });
}, 180_000);

it('fault 117: Postgres that is killed under control is told of with 503, and control goes on when it is back', async () => {
  await own.pieces.postgres?.kill();
  const answers = await load(delay(4_000));
  expectOnlyRefusals(answers);
  expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([503]));
  await pipeline.untilMoreIsReceived('all');
  await own.pieces.postgres?.start();
  await expectChangeable(pipeline, id);
  await pipeline.untilMoreIsReceived('all');
}, 120_000);

it('fault 118: connections that are ended under load (57P01) give no 500, and control recovers by itself', async () => {
  const ending = asAdministrator(async (client) => {
    for (let count = 0; count < 40; count++) {
      await client.query(endOthers);
      await delay(100);
    }
  });
  const answers = await load(ending);
  expectOnlyRefusals(answers);
  expect(answers.some(({ status }) => status === 503)).toBe(true);
  await expectChangeable(pipeline, id);
}, 120_000);

it('fault 118: a statement that is held up and a pool that it empties give 503 in time, and are over with it', async () => {
  const held = asAdministrator(async () => {
    const url = new URL(own.databaseUrl);
    url.pathname = '/control';
    const client = new Client({ connectionString: url.href });
    await client.connect();
    await client.query('BEGIN; LOCK TABLE relay_control.attempts, relay_control.subscriptions');
    await delay(9_000);
    await client.query('ROLLBACK');
    await client.end();
  });
  const answers = await load(held);
  expectOnlyRefusals(answers);
  expect(answers.some(({ status }) => status === 503)).toBe(true);
  await expectChangeable(pipeline, id);
}, 120_000);

it('fault 119: after a failover to a replica without the last commits, deliveries go on as last known and the history is whole', async () => {
  await takeReplica();
  const lost = await pipeline.subscribe('lost');
  await pipeline.untilMoreIsReceived('lost');
  await failOver();
  // Its row is gone; the topic that it was published to is what router and delivery go by.
  await eventually(async () => (await pipeline.call('GET', `/v1/subscriptions/${lost}`)).status === 404);
  await pipeline.untilMoreIsReceived('lost');
  await pipeline.untilMoreIsReceived('all');
  await expectChangeable(pipeline, id);
}, 120_000);

/** A replica that from now on hears of no commit any more. */
async function takeReplica(): Promise<void> {
  await asAdministrator(async (client) => {
    await client.query('ALTER DATABASE control ALLOW_CONNECTIONS false');
    await eventually(async () => {
      await client.query(endOthers);
      await client.query(`CREATE DATABASE ${escapeIdentifier('replica')} TEMPLATE control`);
      return true;
    });
    await client.query('ALTER DATABASE control ALLOW_CONNECTIONS true');
    await client.query('ALTER DATABASE replica ALLOW_CONNECTIONS true');
  });
  await expectChangeable(pipeline, id);
}

async function failOver(): Promise<void> {
  await asAdministrator(async (client) => {
    await client.query('ALTER DATABASE control ALLOW_CONNECTIONS false');
    await eventually(async () => {
      await client.query(endOthers);
      await client.query('ALTER DATABASE control RENAME TO gone');
      return true;
    });
    await client.query('ALTER DATABASE replica RENAME TO control');
  });
}

it('after all of it each change has come once and in order, and the history is exactly what the topic holds', async () => {
  await pipeline.stopWriting();
  await expectWholeHistory(pipeline);
  expectInOrder(pipeline, 'all');
  expectInOrder(pipeline, 'lost');
}, 120_000);
