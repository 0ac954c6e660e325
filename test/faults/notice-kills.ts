import { randomBytes } from 'node:crypto';
import { expect } from '@jest/globals';
import { startMailServer, type MailServer } from '../../apps/control/test/mail-server.js';
import { disabled, EventWriter } from '../../apps/control/test/operational-events.js';
import { Kafka } from '#libs/kafka';
import { silentLogger as logger } from '#libs/telemetry';
import { ControlClient } from '../e2e/control-client.js';
import { startApp, type StartedApp } from '../harness/apps.js';
import { eventually } from '../harness/eventually.js';
import { startReceiver, type Receiver } from '../harness/receiver.js';
import type { TestStack } from '../harness/stack.js';

/** Webhooks go one a second. */
const patienceMs = 120_000;

interface Told {
  /** Of the webhook or mail: the same when it comes again. */
  id: string;
  /** What it tells of, by the subscription that each event is of. */
  subscriptions: string[];
}

/** A control that can be killed, and an application that it tells of its subscriptions by mail and by webhook. */
export class NoticesToldTwice {
  private written = 0;

  private constructor(
    readonly receiver: Receiver,
    readonly mails: MailServer,
    private readonly kafka: Kafka,
    private readonly parts: { environment: Record<string, string>; events: EventWriter; app: StartedApp },
    private readonly applicationId: string,
  ) {}

  static async start(stack: TestStack): Promise<NoticesToldTwice> {
    const [receiver, mails] = [await startReceiver(), await startMailServer()];
    const environment: Record<string, string> = {
      ...(await ControlClient.environment(stack, randomBytes(32).toString('base64'))),
      SMTP_URL: mails.url,
      MAIL_FROM: 'relay@example.com',
      NOTICE_EMAILS: 'admin@example.com',
      NOTICE_INTERVAL_MS: '0',
    };
    const { brokers, topicPrefix } = stack;
    const kafka = new Kafka({ brokers, clientId: 'test', topicPrefix, logger });
    const events = await EventWriter.open(kafka);
    const app = await startApp('control', environment);
    const response = await fetch(`${app.url}/v1/applications`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${environment['ADMIN_KEY'] ?? ''}`,
        'content-type': 'application/json',
      },
      body: JSON.stringify({ name: 'Shop', noticeUrl: receiver.url, contactEmail: 'ops@shop.example' }),
    });
    const { id } = (await response.json()) as { id: string };
    return new NoticesToldTwice(receiver, mails, kafka, { environment, events, app }, id);
  }

  async close(): Promise<void> {
    await this.parts.app.kill();
    await Promise.all([this.receiver.close(), this.mails.close(), this.kafka.close()]);
  }

  /** So many events, each of another subscription. */
  async write(count: number): Promise<void> {
    for (let index = 0; index < count; index += 1) {
      await this.parts.events.write(disabled(subscriptionOf(this.written), this.applicationId));
      this.written += 1;
    }
  }

  async killAndRestart(): Promise<void> {
    await this.parts.app.kill();
    this.parts.app = await startApp('control', this.parts.environment, { timeoutMs: patienceMs });
  }

  webhooks(): Told[] {
    return this.receiver.requests.map(({ headers, body }) => {
      const { data } = JSON.parse(String(body)) as { data: { subscriptionId: string } };
      return { id: String(headers['webhook-id']), subscriptions: [data.subscriptionId] };
    });
  }

  sentMails(): Told[] {
    return this.mails.mails.map(({ text }) => ({
      id: /^Message-ID: (<.*>)\r$/im.exec(text)?.[1] ?? '',
      subscriptions: [...text.matchAll(/^Subscription: (sub_\w+)/gm)].map(([, id = '']) => id),
    }));
  }

  /** By which events can be told apart, in their order. */
  subscriptions(): string[] {
    return Array.from({ length: this.written }, (_, index) => subscriptionOf(index));
  }
}

/** All has come by both ways: nothing is lost, in order, and what came twice, at most so often, is the same. */
export async function expectAllTold(notices: NoticesToldTwice, mostTwice: number): Promise<void> {
  const wanted = notices.subscriptions();
  for (const told of [() => notices.webhooks(), () => notices.sentMails()]) {
    await eventually(() => told().at(-1)?.subscriptions.at(-1) === wanted.at(-1), {
      timeoutMs: patienceMs,
      describe: () => `${String(told().length)} notices of ${String(wanted.length)} events`,
    });
    const all = told();
    const once = new Map(all.map((each) => [each.id, each]));
    expect(all).toEqual(all.map(({ id }) => once.get(id)));
    expect([...once.values()].flatMap(({ subscriptions }) => subscriptions)).toEqual(wanted);
    expect(all.length - once.size).toBeLessThanOrEqual(mostTwice);
  }
}

function subscriptionOf(index: number): string {
  return `sub_${String(index).padStart(26, '0')}`;
}
