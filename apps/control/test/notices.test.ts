import { randomBytes } from 'node:crypto';
import { Client } from 'pg';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { loadConfig } from '#libs/config';
import { Kafka } from '#libs/kafka';
import { AllowList } from '#libs/outbound';
import { SecretsKey } from '#libs/subscription';
import { silentLogger } from '#libs/telemetry';
import { eventually } from '../../../test/harness/eventually.js';
import { checkControlConfig, controlConfigTable } from '../src/configuration.js';
import { noticeParts } from '../src/notices/notices.js';
import { openDataSource } from '../src/persistence/data-source.js';
import { controlUnderTest } from './control-under-test.js';
import { startMailServer, type MailServer } from './mail-server.js';
import { disabled, EventWriter, stopped } from './operational-events.js';

const control = controlUnderTest();
const closing: (() => Promise<unknown>)[] = [];
const intervalMs = 300_000;
const subscriptionId = 'sub_00000000000000000000000001';
let stands = 0;
let clock = { nowMs: Date.now() };
let mails: MailServer;

beforeEach(async () => {
  clock = { nowMs: Date.now() };
  mails = await startMailServer();
  closing.push(() => mails.close());
});
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

interface Stand {
  events: EventWriter;
  query: (sql: string) => Promise<Record<string, unknown>[]>;
  /** Starts what one instance does; gives its stop. */
  start: (smtpUrl?: string) => Promise<() => Promise<void>>;
}

/** Topics and a database of a test's own, with one application that has an address. */
async function stand(): Promise<Stand> {
  const { stack } = control;
  const topicPrefix = `${stack.topicPrefix}n${String(++stands)}-`;
  const url = await stack.freshDatabase();
  const kafka = new Kafka({ brokers: stack.brokers, clientId: 'test', topicPrefix, logger: silentLogger });
  closing.push(() => kafka.close());
  const events = await EventWriter.open(kafka);
  const dataSource = await openDataSource(url, silentLogger);
  closing.push(() => dataSource.destroy());
  const client = new Client({ connectionString: url });
  client.on('error', () => undefined);
  await client.connect();
  closing.push(() => client.end());
  await client.query(
    `INSERT INTO relay_control.applications (id, name, description, contact_email, state, scopes, redirect_urls, created_at, updated_at)
     VALUES ('app_shop', $1, '', 'ops@shop.example', 'approved', '{}', '{}', now(), now())`,
    ['Shop\r\nBcc: evil@example.com'],
  );
  const start = async (smtpUrl = mails.url): Promise<() => Promise<void>> => {
    const config = {
      SMTP_URL: smtpUrl,
      MAIL_FROM: 'relay@example.com',
      NOTICE_EMAILS: ['admin@example.com'],
      NOTICE_INTERVAL_MS: intervalMs,
    };
    const secretsKey = SecretsKey.fromBase64(randomBytes(32).toString('base64'));
    const allowList = AllowList.of({ ALLOWED_RECEIVERS: [], ALLOWED_PORTS: [], HTTPS_ONLY: false });
    const parts = { databaseUrl: url, dataSource, kafka, secretsKey, allowList, logger: silentLogger };
    const started = await noticeParts(parts, config, () => clock.nowMs);
    started.forEach((part) => {
      part.start();
    });
    let stopping: Promise<unknown> | undefined;
    const stop = async (): Promise<void> => {
      await (stopping ??= Promise.all(started.map((part) => part.stop())));
    };
    closing.push(stop);
    return stop;
  };
  return { events, start, query: async (sql) => (await client.query<Record<string, unknown>>(sql)).rows };
}

async function untilMails(count: number): Promise<void> {
  await eventually(() => mails.mails.length >= count, {
    describe: () => `${String(count)} mails; there are ${String(mails.mails.length)}`,
  });
}

async function queued({ query }: Stand): Promise<number> {
  const [row] = await query('SELECT count(*)::integer AS count FROM relay_control.notice_outbox');
  return Number(row?.['count']);
}

const read = async ({ query }: Stand, count: number): Promise<void> => {
  await eventually(
    async () => (await query('SELECT 1 FROM relay_control.operational_events')).length === count,
  );
};

describe('notices by e-mail', () => {
  it("go to the application's address for its subscriptions, to NOTICE_EMAILS for the rest, each event once", async () => {
    const on = await stand();
    await on.start();
    await on.events.write(disabled(subscriptionId, 'app_shop'));
    await on.events.write(stopped);
    await untilMails(2);
    const [shop, admin] = ['ops@shop.example', 'admin@example.com'].map((address) =>
      mails.mails.find(({ to }) => to.includes(address)),
    );
    expect(shop?.to).toEqual(['ops@shop.example']);
    expect(shop?.text).toMatch(/^Subject: Odoo Relay: subscription.disabled \(acme\)\r$/m);
    expect(shop?.text).toMatch(/^Auto-Submitted: auto-generated\r$/m);
    expect(shop?.text).toContain(`POST /v1/subscriptions/${subscriptionId}/enable`);
    expect(shop?.text).toContain('POST /v1/redrives');
    expect(admin?.to).toEqual(['admin@example.com']);
    expect(admin?.text).toContain('does Kafka answer?');
    await eventually(async () => (await queued(on)) === 0);
    expect(mails.mails).toHaveLength(2);
  });

  it('hold no line that somebody else has put into a header or the text', async () => {
    const on = await stand();
    await on.start();
    await on.events.write(disabled(subscriptionId, 'app_shop'));
    await untilMails(1);
    const [mail] = mails.mails;
    expect(mail?.text).toContain('Application:  Shop Bcc: evil@example.com');
    expect(mail?.text).not.toMatch(/^Bcc:/m);
    await on.query(
      `UPDATE relay_control.applications SET contact_email = 'a@example.com, b@example.com' WHERE id = 'app_shop'`,
    );
    await on.events.write(disabled(subscriptionId, 'app_shop'));
    await read(on, 2);
    await eventually(async () => (await queued(on)) === 0);
    expect(mails.mails).toHaveLength(1);
  });

  it('are one at once, and then one with all that has happened in NOTICE_INTERVAL_MS', async () => {
    const on = await stand();
    await on.start();
    await on.events.write(stopped);
    await untilMails(1);
    for (let count = 0; count < 5; count += 1) {
      await on.events.write(disabled(`sub_0000000000000000000000000${String(count)}`));
    }
    await read(on, 6);
    clock.nowMs += intervalMs - 1_000;
    await new Promise((resolve) => setTimeout(resolve, 2_500));
    expect(mails.mails).toHaveLength(1);
    clock.nowMs += 1_001;
    await untilMails(2);
    expect(mails.mails[1]?.text).toMatch(/^Subject: Odoo Relay: 5 events\r$/m);
    for (let count = 0; count < 5; count += 1) {
      expect(mails.mails[1]?.text).toContain(`sub_0000000000000000000000000${String(count)}`);
    }
  });

  it('are sent by one of several instances, and none is lost where they restart in between', async () => {
    const on = await stand();
    const stops = await Promise.all([on.start(), on.start()]);
    await on.events.write(stopped);
    await untilMails(1);
    await on.events.write(disabled(subscriptionId));
    await read(on, 2);
    await Promise.all(stops.map((stop) => stop()));
    await on.events.write({ kind: 'capture.gap', reason: 'gap', tables: ['res_partner'] });
    clock.nowMs += intervalMs + 1;
    await on.start();
    await eventually(async () => {
      clock.nowMs += intervalMs + 1;
      return mails.mails.some(({ text }) => text.includes('capture.gap')) && (await queued(on)) === 0;
    });
    const texts = mails.mails.map(({ text }) => text).join('');
    for (const type of ['capture.stopped', 'subscription.disabled', 'capture.gap']) {
      expect(texts.split(`Z  ${type}`)).toHaveLength(2);
    }
  });

  it('wait while the mail server is away or refuses, less and less often tried', async () => {
    const on = await stand();
    mails.refuse(true);
    await on.start();
    await on.events.write(stopped);
    const failures = async (): Promise<unknown> =>
      (await on.query('SELECT failures FROM relay_control.notice_pace'))[0]?.['failures'];
    await eventually(async () => (await failures()) === 1);
    clock.nowMs += 10_001;
    await eventually(async () => (await failures()) === 2);
    clock.nowMs += 10_001;
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    expect(await failures()).toBe(2);
    mails.refuse(false);
    clock.nowMs += 20_001;
    await untilMails(1);
    await eventually(async () => (await failures()) === 0);
  });

  it('are given up after a day, and never sent of what is older', async () => {
    const on = await stand();
    const nobody = await startMailServer();
    await nobody.close();
    await on.start(nobody.url);
    await on.events.write(stopped, { at: new Date(Date.now() - 2 * 86_400_000) });
    await on.events.write(disabled(subscriptionId, 'app_shop'));
    await read(on, 2);
    expect(await queued(on)).toBe(1);
    clock.nowMs += 86_400_001;
    await eventually(async () => (await queued(on)) === 0);
    expect(mails.mails).toEqual([]);
  });
});

describe('the settings of notices', () => {
  const right = {
    SMTP_URL: 'smtps://relay:secret@mail.example:465',
    MAIL_FROM: 'relay@example.com',
    NOTICE_EMAILS: 'admin@example.com',
  };

  it.each<[string, Record<string, string>]>([
    ['SMTP_URL', { ...right, SMTP_URL: '' }],
    ['SMTP_URL', { ...right, SMTP_URL: 'http://mail.example' }],
    ['MAIL_FROM', { ...right, MAIL_FROM: '' }],
    ['MAIL_FROM', { ...right, MAIL_FROM: 'Relay <relay@example.com>' }],
    ['NOTICE_EMAILS', { ...right, NOTICE_EMAILS: 'admin@example.com,nobody' }],
  ])('refuse a wrong %s at the start, without a word of the secret', async (name, settings) => {
    const config = loadConfig(controlConfigTable, await control.environment(settings));
    const check = (): void => {
      checkControlConfig(config);
    };
    expect(check).toThrow(
      expect.objectContaining({ code: 'CONFIG_INVALID', message: expect.stringContaining(name) as unknown }),
    );
    expect(check).not.toThrow(/secret/);
  });

  it('may be right, or not there at all', async () => {
    checkControlConfig(loadConfig(controlConfigTable, await control.environment(right)));
    checkControlConfig(loadConfig(controlConfigTable, await control.environment()));
  });
});
