import { randomBytes } from 'node:crypto';
import { createServer } from 'node:net';
import { once } from 'node:events';
import { Client } from 'pg';
import { pino } from 'pino';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { RelayError } from '#libs/process';
import { startApp } from '../../../test/harness/apps.js';
import { eventually } from '../../../test/harness/eventually.js';
import { startTcpProxy } from '../../../test/harness/tcp-proxy.js';
import { Api, controlUnderTest } from './control-under-test.js';
import { freePort } from '../../../test/harness/free-port.js';

const control = controlUnderTest();
let env: Record<string, string>;

beforeAll(async () => {
  env = await control.environment();
});

/** Starts the app, which must not come up. */
async function failedStart(overrides: Record<string, string>): Promise<RelayError> {
  const error = await control.start({ ...env, ...overrides }).then(
    () => new Error('it started'),
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof RelayError)) {
    throw error;
  }
  return error;
}

describe('a start that cannot succeed', () => {
  it('ends the process with one line of log and the exit code', async () => {
    const url = `postgres://me:hidden@127.0.0.1:${await freePort()}/x`;
    const started = await startApp('control', { ...env, DATABASE_URL: url }).catch(
      (error: unknown) => error as Error,
    );
    if (!(started instanceof Error)) {
      await started.kill();
      throw new Error('it started');
    }
    expect(started.message).toContain('control ended (69)');
    expect(started.message).not.toMatch(/^\s+at |hidden/m);
    const last = started.message.split('\n').findLast((line) => line.startsWith('{')) ?? '{}';
    expect(JSON.parse(last)).toMatchObject({
      code: 'POSTGRES_UNAVAILABLE',
      msg: expect.stringMatching(/cannot use Postgres at 127\.0\.0\.1:\d+\/x .*start it or set DATABASE_URL/),
    });
  });

  it('says that the database is missing', async () => {
    const { code, message } = await failedStart({ DATABASE_URL: `${env['DATABASE_URL'] ?? ''}_missing` });
    expect(code).toBe('POSTGRES_UNAVAILABLE');
    expect(message).toMatch(/_missing" does not exist.*DATABASE_URL/);
  });

  it('says that Kafka does not answer', async () => {
    const { code, message } = await failedStart({ KAFKA_BROKERS: `127.0.0.1:${await freePort()}` });
    expect(code).toBe('KAFKA_UNAVAILABLE');
    expect(message).toMatch(/KAFKA_BROKERS/);
  });

  it('says that the schema registry does not answer', async () => {
    const { code, message } = await failedStart({
      SCHEMA_REGISTRY_URL: `http://127.0.0.1:${await freePort()}`,
    });
    expect(code).toBe('REGISTRY_UNAVAILABLE');
    expect(message).toMatch(/SCHEMA_REGISTRY_URL/);
  });

  it('says that the port is taken', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as { port: number };
    const { code, message } = await failedStart({ HTTP_PORT: String(port) });
    server.close();
    expect(code).toBe('PORT_IN_USE');
    expect(message).toMatch(/HTTP_PORT/);
  });

  it.each([
    ['ADMIN_KEY', 'short', /ADMIN_KEY must have at least 16 characters/],
    ['ADMIN_KEY', '', /ADMIN_KEY is not set/],
    ['SECRETS_KEY', 'abc', /SECRETS_KEY must be 32 random bytes in base64/],
    ['DATABASES', 'Acme', /DATABASES must name .*"Acme"/],
    ['DATABASES', '', /DATABASES is not set/],
    ['DATABASES', ',', /DATABASES must name at least one/],
    ['DATABASE_URL', 'mysql://x/y', /DATABASE_URL must begin with postgres:\/\//],
    ['ALLOWED_RECEIVERS', '300.1.1.1', /"300\.1\.1\.1" is no host name/],
    ['ALLOWED_PORTS', '443,https', /ALLOWED_PORTS: "https" is no port: give numbers from 1 to 65535/],
    ['HTTPS_ONLY', 'yes', /HTTPS_ONLY must be true or false/],
  ])('says what is wrong with %s="%s"', async (name, value, sentence) => {
    const { code, message } = await failedStart({ [name]: value });
    expect(code).toBe('CONFIG_INVALID');
    expect(message).toMatch(sentence);
  });

  it('says that the secrets in the database are of another SECRETS_KEY', async () => {
    const own = await control.environment();
    const first = await control.start(own);
    await new Api(`http://127.0.0.1:${first.port}`).create();
    await first.stop();
    const { code, message } = await failedStart({ ...own, SECRETS_KEY: randomBytes(32).toString('base64') });
    expect(code).toBe('SECRET_UNREADABLE');
    expect(message).toMatch(/another SECRETS_KEY/);
  });

  it('says that the role may not create a schema', async () => {
    const own = await control.environment();
    await asUnprivileged(own['DATABASE_URL'] ?? '', async (url) => {
      const { code, message } = await failedStart({ ...own, DATABASE_URL: url });
      expect(code).toBe('NO_PERMISSION');
      expect(message).toMatch(/grant it CREATE on the database/);
    });
  });
});

/** Runs `use` with the same database for a new role without rights. */
async function asUnprivileged(url: string, use: (url: string) => Promise<void>): Promise<void> {
  const role = `nobody_${randomBytes(4).toString('hex')}`;
  const client = new Client({ connectionString: url });
  await client.connect();
  await client.query(`CREATE ROLE ${role} LOGIN PASSWORD 'x'`);
  const own = new URL(url);
  own.username = role;
  own.password = 'x';
  try {
    await use(own.href);
  } finally {
    await client.query(`DROP ROLE ${role}`);
    await client.end();
  }
}

describe('an outage of Postgres', () => {
  it.each(['block', 'freeze'] as const)(
    'is told with 503 and is over when Postgres is back (%s)',
    async (fault) => {
      const url = new URL(env['DATABASE_URL'] ?? '');
      const proxy = await startTcpProxy({ target: { port: Number(url.port) } });
      url.port = String(proxy.port);
      const app = await startApp('control', { ...env, DATABASE_URL: url.href });
      const api = new Api(app.url);
      const { id } = await api.create();
      proxy[fault]();
      const refused = await api.call('PATCH', `/v1/subscriptions/${id}`, { body: { format: 'xml' } });
      expect(refused.status).toBe(503);
      expect(refused.headers.get('retry-after')).toBe('5');
      expect(refused.body).toMatchObject({
        code: 'postgres_unavailable',
        detail: expect.stringContaining('try again'),
      });
      await eventually(async () => (await fetch(`${api.url}/health/ready`)).status === 503);
      expect((await fetch(`${api.url}/health/live`)).status).toBe(200);
      expect((await api.get('/v1/event-types')).status).toBe(200);
      proxy.restore();
      await eventually(async () => (await fetch(`${api.url}/health/ready`)).ok);
      await eventually(async () => {
        const again = await api.call('PATCH', `/v1/subscriptions/${id}`, { body: { format: 'xml' } });
        return again.status === 200 && again.body['published'];
      });
      expect(await app.stop()).toBe(0);
      await proxy.close();
    },
  );
});

describe('a fault that nobody expects', () => {
  it('is answered without its cause, which stands in the log', async () => {
    const own = await control.environment();
    const lines: string[] = [];
    const logger = pino({ level: 'info' }, { write: (line: string) => void lines.push(line) });
    const app = await control.start(own, logger);
    const api = new Api(`http://127.0.0.1:${app.port}`);
    const client = new Client({ connectionString: own['DATABASE_URL'] });
    await client.connect();
    await client.query('ALTER TABLE relay_control.subscriptions RENAME COLUMN url TO address');
    await client.end();
    const answer = await api.get('/v1/subscriptions');
    expect(answer.status).toBe(500);
    expect(answer.body).toEqual({
      type: 'urn:odoo-relay:problem:internal_error',
      title: 'Something unexpected went wrong',
      status: 500,
      code: 'internal_error',
      detail: "the reason is in the control app's log: please report it",
    });
    const logged = lines.find((line) => line.includes('a request failed unexpectedly'));
    expect(logged).toContain('url');
    await app.stop();
  });
});

describe('two instances that start on an empty database at the same time', () => {
  it('both come up, and its tables are made once', async () => {
    const fresh = await control.environment();
    const started = await Promise.all([control.start(fresh), control.start(fresh), control.start(fresh)]);
    const answers = await Promise.all(
      started.map(({ port }) => new Api(`http://127.0.0.1:${port}`).get('/v1/subscriptions')),
    );
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200]);
    await Promise.all(started.map((each) => each.stop()));
  });
});
