import type { DeliveryTask } from '#libs/delivery-task';
import { webhookHeaders } from '#libs/event';
import { delay } from '#libs/process';
import type { OAuth1, OAuth2ClientCredentials, SigningKey } from '#libs/subscription';
import { SpanKind, type Tracing } from '#libs/telemetry';
import type { AttemptResult, HttpRequest, Sender } from './attempt.js';
import type { Breakers } from './breakers.js';
import type { AccessToken, AccessTokens } from './credentials/access-tokens.js';
import type { ClientSenders } from './credentials/client-senders.js';
import { oauth1Authorization } from './credentials/oauth1.js';
import type { Credentials } from './credentials/open-credentials.js';
import type { Receiver } from './receivers.js';

/** What credentials need that change with time. */
export interface CredentialSources {
  tokens: AccessTokens;
  senders: ClientSenders;
}

type NoToken = AccessToken & { kind: 'none' };

/** Whether an attempt is worth another token: HTTP's word for credentials that are not right (any more). */
const unauthorized = 401;

/** Makes the request of an attempt, signed and with what the subscription asked for, and sends it. */
export class Requests {
  /** Then nothing follows on a request that has ended. */
  private aborted = false;

  constructor(
    private readonly sender: Sender,
    private readonly sources: CredentialSources,
    private readonly breakers: Breakers,
    private readonly tracing?: Pick<Tracing, 'child'>,
  ) {}

  /** Only while the endpoint's breaker lets it through. The attempt is a span of its change's trace, if it has one. */
  async send(task: DeliveryTask, receiver: Receiver): Promise<AttemptResult> {
    const span =
      task.traceparent === null
        ? undefined
        : this.tracing?.child(task.traceparent, 'attempt', {
            kind: SpanKind.CLIENT,
            attributes: {
              'http.request.method': 'POST',
              'server.address': new URL(receiver.origin).hostname,
              'relay.webhook_id': task.webhookId,
              'relay.subscription_id': task.subscriptionId,
              'relay.change_id': task.changeId,
              'relay.attempt': task.attempts + 1,
            },
          });
    const result = await this.sendOnce(task, receiver);
    span?.end(
      {
        'relay.outcome': result.outcome,
        ...(result.status === null ? {} : { 'http.response.status_code': result.status }),
      },
      result.outcome === 'delivered' ? undefined : (result.error ?? result.outcome),
    );
    return result;
  }

  private sendOnce(task: DeliveryTask, receiver: Receiver): Promise<AttemptResult> {
    const { credentials, subscription } = receiver;
    return credentials === undefined
      ? this.breakers.run(subscription.url, () =>
          this.sender.send(this.request(task, receiver, subscription.settings.timeoutMs)),
        )
      : this.sendWith(credentials, task, receiver);
  }

  /** Ends what is under way as if its time were up. */
  abortAll(): void {
    this.aborted = true;
    this.sender.abortAll();
    this.sources.senders.abortAll();
  }

  private async sendWith(
    credentials: Credentials,
    task: DeliveryTask,
    receiver: Receiver,
  ): Promise<AttemptResult> {
    const { auth, secrets } = credentials;
    if (auth?.type === 'oauth2ClientCredentials') {
      return this.sendWithToken({ ...credentials, auth }, task, receiver);
    }
    const { url, settings } = receiver.subscription;
    const result = await this.breakers.run(url, () => {
      const request = this.request(task, receiver, settings.timeoutMs);
      if (auth !== undefined) {
        request.headers.push('authorization', oauth1AuthorizationOf(request, task, auth));
      }
      return this.senderFor(credentials).send(request);
    });
    return withoutSecrets(result, secrets);
  }

  /** Within the time limit of the attempt, the wait for a token included; a 401 is tried once more with a new one. */
  private async sendWithToken(
    credentials: Credentials & { auth: OAuth2ClientCredentials },
    task: DeliveryTask,
    receiver: Receiver,
  ): Promise<AttemptResult> {
    const { auth, secrets } = credentials;
    const { tokens } = this.sources;
    const startedAtMs = performance.now();
    const untilMs = startedAtMs + receiver.subscription.settings.timeoutMs;
    const used: string[] = [];
    const once = async (): Promise<AttemptResult> => {
      const token = await inTime(tokens.get(auth), untilMs - performance.now());
      const leftMs = untilMs - performance.now();
      if (token.kind === 'none' || leftMs <= 0 || this.aborted) {
        return withoutToken(token.kind === 'none' ? token : tooLate);
      }
      used.push(token.value);
      return this.guarded(receiver, () => {
        const request = this.request(task, receiver, leftMs);
        request.headers.push('authorization', `Bearer ${token.value}`);
        return this.senderFor(credentials).send(request);
      });
    };
    let result = await once();
    const [refused] = used;
    if (result.status === unauthorized && refused !== undefined) {
      tokens.refused(auth, refused);
      result = await once();
    }
    const durationMs = Math.round(performance.now() - startedAtMs);
    return withoutSecrets({ ...result, durationMs }, [...used, ...secrets]);
  }

  private request(task: DeliveryTask, receiver: Receiver, timeoutMs: number): HttpRequest {
    const nowMs = Date.now();
    const headers = webhookHeaders(task, signingKeysAt(receiver, nowMs), nowMs);
    if (receiver.credentials !== undefined) {
      headers.push(...receiver.credentials.headers);
    }
    return { origin: receiver.origin, path: receiver.path, headers, body: task.body, timeoutMs };
  }

  /**
   * The wait for a token is no part of what the endpoint's breaker judges: others use the endpoint with other
   * credentials. What was let through before that wait is sent also where the breaker has opened meanwhile.
   */
  private guarded({ subscription }: Receiver, send: () => Promise<AttemptResult>): Promise<AttemptResult> {
    const { url } = subscription;
    return this.breakers.waitMs(url) > 0 ? send() : this.breakers.run(url, send);
  }

  private senderFor({ certificate }: Credentials): Sender {
    return certificate === undefined ? this.sender : this.sources.senders.of(certificate);
  }
}

/** The first one always; further ones while the secret rotates. */
function signingKeysAt({ signingKeys, subscription }: Receiver, nowMs: number): readonly SigningKey[] {
  const { previousSecretUntilMs } = subscription;
  return signingKeys.length === 1 || (previousSecretUntilMs !== null && nowMs < Number(previousSecretUntilMs))
    ? signingKeys
    : signingKeys.slice(0, 1);
}

function oauth1AuthorizationOf({ origin, path }: HttpRequest, task: DeliveryTask, auth: OAuth1): string {
  const { contentType, body } = task;
  return oauth1Authorization({ method: 'POST', url: origin + path, contentType, body }, auth);
}

async function inTime(token: AccessToken | Promise<AccessToken>, timeoutMs: number): Promise<AccessToken> {
  if (!(token instanceof Promise)) {
    return token;
  }
  const answered = new AbortController();
  try {
    return await Promise.race([token, delay(timeoutMs, answered.signal).then(() => tooLate)]);
  } finally {
    answered.abort();
  }
}

const tooLate: NoToken = {
  kind: 'none',
  outcome: 'timedOut',
  error: 'no access token in time',
  retryAfterMs: undefined,
};

function withoutToken({ outcome, error, retryAfterMs }: NoToken): AttemptResult {
  return { outcome, status: null, error, response: null, durationMs: 0, retryAfterMs };
}

/** An endpoint that sends back what it got must not bring credentials into `relay.attempts`. */
function withoutSecrets(result: AttemptResult, secrets: readonly string[]): AttemptResult {
  const { response } = result;
  return response === null
    ? result
    : { ...result, response: secrets.reduce((text, secret) => text.replaceAll(secret, '***'), response) };
}
