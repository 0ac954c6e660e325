import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { promisify } from 'node:util';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { newSigningSecret, publicKeyOf, type Subscription } from '#libs/subscription';
import { DeliveryFixture } from '../e2e/delivery-fixture.js';
import type { StartedApp } from '../harness/apps.js';
import { eventually } from '../harness/eventually.js';
import { startReceiver, type ReceivedRequest, type Receiver } from '../harness/receiver.js';
import { refusalOf } from '../harness/signatures.js';
import { testStack } from '../harness/stack.js';

const stack = testStack();
let fixture: DeliveryFixture;
let receiver: Receiver;
let app: StartedApp;
let last = 0;

beforeAll(async () => {
  fixture = await DeliveryFixture.open(stack);
  receiver = await startReceiver();
  app = await fixture.startApp({ LOG_LEVEL: 'trace' });
});
beforeEach(() => {
  receiver.answer(200);
  receiver.forget();
});
afterAll(async () => {
  await fixture.close();
  await receiver.close();
});

type Fields = Parameters<DeliveryFixture['subscription']>[2];

function subscribe(fields: Fields = {}, id = `sub-${++last}`): Promise<Subscription> {
  return fixture.subscribe(fixture.subscription(id, receiver.url, fields));
}

async function received(count = 1): Promise<readonly ReceivedRequest[]> {
  await eventually(() => receiver.requests.length >= count);
  await eventually(() => fixture.isQuiet());
  return receiver.requests;
}

const signaturesOf = ({ headers }: ReceivedRequest): string[] =>
  String(headers['webhook-signature']).split(' ');

/** The function of the docs, as a receiver runs it that has copied it. */
async function documentedCheck(
  { headers, body }: Pick<ReceivedRequest, 'headers' | 'body'>,
  secret: string,
): Promise<string> {
  const page = readFileSync(new URL('../../docs/subscriptions-http.md', import.meta.url), 'utf8');
  const [, code = ''] = /```js\n([^]*?)```/.exec(page) ?? [];
  const given = [headers, body.toString('base64'), secret].map((part) => JSON.stringify(part)).join(', ');
  const run = `const ask = (headers, body, secret) => isGenuine(headers, Buffer.from(body, 'base64'), secret);`;
  const script = `${code}\n${run}\nconsole.log(ask(${given}));`;
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', script]);
  return stdout.trim();
}

describe('fault 85: the bytes that are signed are those that are sent', () => {
  const bodies = [
    '{"a": 1.0,  "b":"ä☃𝄞\\u00e4", "n":12345678901234567890, "a":2}\r\n',
    '<?xml version="1.0" encoding="UTF-8"?>\n<a b=\'c\'>\u0085é</a>\n',
    '',
  ].map((text) => Buffer.from(text));
  // No text at all: what decodes and encodes it again changes it.
  bodies.push(Buffer.from([0x7b, 0xff, 0xfe, 0x00, 0xc3, 0x28, 0x0d, 0x0a, 0x7d]));

  it.each([
    ['HMAC', newSigningSecret()],
    ['ed25519', newSigningSecret('ed25519')],
  ])('whatever they are (%s)', async (_, secret) => {
    const { id } = await subscribe({ secrets: [fixture.sealed(secret)] });
    const tasks = bodies.map((body) => fixture.task(id, { body }));
    await fixture.send(tasks);
    const requests = await received(tasks.length);
    const byId = new Map(requests.map((request) => [request.headers['webhook-id'], request]));
    const key = publicKeyOf(secret) ?? secret;
    for (const { webhookId, body } of tasks) {
      const request = byId.get(webhookId);
      expect(request?.body).toEqual(body);
      expect(request && refusalOf(request, key)).toBeUndefined();
    }
  });

  it('and the check in the docs takes them, and nothing that was changed', async () => {
    const secret = newSigningSecret();
    const key = newSigningSecret('ed25519');
    for (const each of [secret, key]) {
      const { id } = await subscribe({ secrets: [fixture.sealed(each)] });
      await fixture.send([fixture.task(id)]);
    }
    const requests = await received(2);
    const hmac = requests.find((request) => signaturesOf(request)[0]?.startsWith('v1,') === true);
    const ed25519 = requests.find((request) => signaturesOf(request)[0]?.startsWith('v1a,') === true);
    if (hmac === undefined || ed25519 === undefined) throw new Error('one of the two is missing');
    const publicKey = publicKeyOf(key) ?? '';
    expect(await documentedCheck(hmac, secret)).toBe('true');
    expect(await documentedCheck(ed25519, publicKey)).toBe('true');
    const changed = Buffer.from(`${hmac.body.toString()} `);
    expect(await documentedCheck({ ...hmac, body: changed }, secret)).toBe('false');
    expect(await documentedCheck({ ...ed25519, body: changed }, publicKey)).toBe('false');
    expect(await documentedCheck(hmac, newSigningSecret())).toBe('false');
    const old = { ...hmac.headers, 'webhook-timestamp': String(Math.floor(Date.now() / 1000) - 301) };
    expect(await documentedCheck({ ...hmac, headers: old }, secret)).toBe('false');
  });
});

describe('fault 86: while a secret is replaced, two signatures are right, and then the old one is gone', () => {
  it.each([
    ['of one kind', 'hmac'],
    ['of two kinds', 'ed25519'],
  ] as const)('%s', async (_, kind) => {
    const [previous, secret] = [newSigningSecret(kind), newSigningSecret()];
    const [previousKey, secrets] = [publicKeyOf(previous) ?? previous, [secret, previous]];
    const sealed = secrets.map((each) => fixture.sealed(each));
    const untilMs = Date.now() + 3_000;
    const { id } = await subscribe({ secrets: sealed, previousSecretUntilMs: BigInt(untilMs) });
    await fixture.send([fixture.task(id)]);
    const [during] = await received();
    expect(during && [secret, previousKey].map((key) => refusalOf(during, key))).toEqual([
      undefined,
      undefined,
    ]);
    expect(during && signaturesOf(during)).toHaveLength(2);
    // Nothing else happens to the subscription: the moment alone ends it.
    await eventually(() => Date.now() > untilMs);
    receiver.forget();
    await fixture.send([fixture.task(id)]);
    const [after] = await received();
    expect(after && [secret, previousKey].map((key) => refusalOf(after, key))).toEqual([
      undefined,
      'no signature that matches',
    ]);
    expect(after && signaturesOf(after)).toHaveLength(1);
  });

  it('no moment named is no time left for the old one', async () => {
    const secrets = [newSigningSecret(), newSigningSecret()].map((each) => fixture.sealed(each));
    const { id } = await subscribe({ secrets });
    await fixture.send([fixture.task(id)]);
    const [request] = await received();
    expect(request && signaturesOf(request)).toHaveLength(1);
  });
});

describe('fault 87: a signature of another length or form matches nothing and breaks nothing', () => {
  it.each(['', 'v1', 'v1,', 'v1,AAAA', 'v1a,AAAA', 'v2,x', `v1,${'A'.repeat(88)}`, '☃', 'v1,!!! v1a,'])(
    'neither for the check in the docs nor for that of the tests: %j',
    async (forged) => {
      const headers = {
        'webhook-id': 'msg_1',
        'webhook-timestamp': String(Math.floor(Date.now() / 1000)),
        'webhook-signature': forged,
      };
      const request = { headers, body: Buffer.from('{}') };
      for (const secret of [newSigningSecret(), publicKeyOf(newSigningSecret('ed25519')) ?? '']) {
        expect(refusalOf(request, secret)).toBe('no signature that matches');
        expect(await documentedCheck(request, secret)).toBe('false');
      }
    },
  );
});

describe('fault 88: every retry has a new timestamp and the same id', () => {
  it('so that a receiver that allows five minutes takes it, however late it comes', async () => {
    receiver.answer(({ index }) => (index < 2 ? 500 : 200));
    // Longer than the second that a timestamp shows.
    const { id } = await subscribe({ settings: { retryDelaysMs: [1_300, 1_300] } });
    const task = fixture.task(id);
    await fixture.send([task]);
    const requests = await received(3);
    expect(requests.map(({ headers }) => headers['webhook-id'])).toEqual(requests.map(() => task.webhookId));
    const stamps = requests.map(({ headers }) => Number(headers['webhook-timestamp']));
    expect(new Set(stamps).size).toBe(3);
    expect(stamps).toEqual([...stamps].sort());
    for (const request of requests) {
      const { receivedAtMs } = request;
      expect(refusalOf(request, fixture.secret, receivedAtMs)).toBeUndefined();
      expect(refusalOf(request, fixture.secret, receivedAtMs + 302_000)).toBe('too old');
      expect(refusalOf(request, fixture.secret, receivedAtMs - 302_000)).toBe('too new');
    }
  });
});

describe('fault 98: secrets and tokens', () => {
  const accessToken = randomBytes(24).toString('hex');
  const plain = {
    password: 'pw-0f9a7c',
    bearer: 'bearer-51c0de',
    client: 'client-77aa01',
    consumer: 'consumer-8812ab',
    tokenSecret: 'token-secret-90f3',
    header: 'api-key-3d21ee',
  };
  const auths: unknown[] = [
    { type: 'basic', username: 'u', password: plain.password },
    { type: 'bearer', token: plain.bearer },
    { type: 'oauth1', consumerKey: 'k', consumerSecret: plain.consumer, signatureMethod: 'HMAC-SHA1' },
  ];

  it('are absent from the log, from all topics and from errors, also where an endpoint sends them back', async () => {
    const tokens = await startReceiver(({ index }) => ({
      // The second time it refuses, and repeats what it was given.
      status: index === 0 ? 200 : 400,
      body: JSON.stringify({ access_token: accessToken, error: plain.client, expires_in: 0 }),
    }));
    receiver.answer(({ headers, body }) => ({ status: 500, body: JSON.stringify({ headers, body }) }));
    const oauth2 = {
      type: 'oauth2ClientCredentials',
      tokenUrl: tokens.url,
      clientId: 'c',
      clientSecret: plain.client,
      clientAuthentication: 'body',
    };
    const headers = fixture.sealed([['X-Key', plain.header]]);
    const settings = { retryDelaysMs: [100] };
    const ids: string[] = [];
    for (const auth of [...auths, oauth2]) {
      ids.push((await subscribe({ auth: fixture.sealed(auth), headers, settings })).id);
    }
    // What was entered by hand into the topic must not show in the error about it.
    ids.push((await subscribe({ auth: fixture.sealed(`{"token":"${plain.tokenSecret}"`), settings })).id);
    await fixture.send(ids.map((id) => fixture.task(id)));
    await eventually(async () => {
      const dead = await fixture.deadLetters();
      return ids.every((id) => dead.some(({ task }) => task.subscriptionId === id));
    });
    await app.stop();
    const texts = [app.output(), await allTopics()];
    const encoded = Buffer.from(`u:${plain.password}`).toString('base64');
    const secrets = [...Object.values(plain), accessToken, encoded, fixture.secretsKey];
    secrets.push(fixture.secret.slice('whsec_'.length));
    expect(texts[0]).toContain('a delivery is dead');
    expect(texts[1]).toContain('***');
    expect(secrets.filter((secret) => texts.some((text) => text.includes(secret)))).toEqual([]);
    await tokens.close();
  });

  /** Keys, values and headers of all that delivery writes. */
  async function allTopics(): Promise<string> {
    const names = [
      'attempts',
      'deliveries.dead',
      'deliveries.retry.1s',
      'subscription-state',
      'rejected.delivery',
    ];
    const records = await Promise.all(names.map((name) => fixture.kafka.readToEnd(`relay.${name}`)));
    return records
      .flat()
      .map(({ key, value, headers }) => [key, value, JSON.stringify(headers)].map(String).join(' '))
      .join('\n');
  }
});
