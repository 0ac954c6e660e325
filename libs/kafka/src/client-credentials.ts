import { messageOf } from '#libs/process';

export interface ClientCredentialsOptions {
  tokenUrl: string;
  /** Empty: none is asked for. */
  scope: string;
  clientId: string;
  secret: string;
}

const timeoutMs = 5_000;
/** Asked for anew before it ends: every connection shows it, also one that is made just then. */
const marginMs = 30_000;
/** Of a token whose answer does not say how long it lives. */
const unknownLifeMs = 60_000;

/** A token of OAuth 2 for Kafka's OAUTHBEARER, by the grant of client credentials; kept until it is about to end. */
export class ClientCredentials {
  private current: { token: Promise<{ value: string }>; untilMs: number } | undefined;

  constructor(private readonly options: ClientCredentialsOptions) {}

  /** @throws when there is none: kafkajs tries again. */
  token(): Promise<{ value: string }> {
    if (this.current === undefined || performance.now() >= this.current.untilMs) {
      // All connections that are opened meanwhile wait for the same answer.
      const asked = { token: this.ask(), untilMs: Infinity };
      asked.token.catch(() => {
        this.current = undefined;
      });
      this.current = asked;
    }
    return this.current.token;
  }

  private async ask(): Promise<{ value: string }> {
    const { tokenUrl, scope, clientId, secret } = this.options;
    const credentials = `${encodeURIComponent(clientId)}:${encodeURIComponent(secret)}`;
    const response = await fetch(tokenUrl, {
      method: 'POST',
      headers: { authorization: `Basic ${Buffer.from(credentials).toString('base64')}` },
      body: new URLSearchParams({ grant_type: 'client_credentials', ...(scope === '' ? {} : { scope }) }),
      signal: AbortSignal.timeout(timeoutMs),
    }).catch((error: unknown) => {
      const why = messageOf(error instanceof Error && error.cause !== undefined ? error.cause : error);
      throw new Error(`${tokenUrl} cannot be asked for a token (${why}): check KAFKA_SASL_TOKEN_URL`);
    });
    const answer = response.ok
      ? ((await response.json()) as { access_token?: unknown; expires_in?: unknown })
      : {};
    if (typeof answer.access_token !== 'string') {
      throw new Error(
        `${tokenUrl} gives no token (status ${response.status}): check KAFKA_SASL_TOKEN_URL, KAFKA_SASL_USERNAME and KAFKA_SASL_PASSWORD`,
      );
    }
    const lifeMs = typeof answer.expires_in === 'number' ? answer.expires_in * 1000 : unknownLifeMs;
    if (this.current !== undefined) {
      this.current.untilMs = performance.now() + Math.max(lifeMs - marginMs, lifeMs / 2);
    }
    return { value: answer.access_token };
  }
}
