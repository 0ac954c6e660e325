import { createHash, createHmac, randomBytes } from 'node:crypto';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { afterAll } from '@jest/globals';
import type { NextFunction, Request, Response } from 'express';
import OAuth from 'oauth-1.0a';
import type { DataSource } from 'typeorm';
import { SecretsKey } from '#libs/subscription';
import { silentLogger, type Logger } from '#libs/telemetry';
import { testStack, type TestStack } from '../../../test/harness/stack.js';
import { ControlMetrics } from '../src/control-metrics.js';
import { startHttpServer } from '../src/http/http-server.js';
import { ProblemFilter } from '../src/http/problem-filter.js';
import { AccessTokens } from '../src/oauth1/access-tokens.js';
import { OAuth1Authentication, type OAuth1Verdict } from '../src/oauth1/authentication.js';
import type { OAuth1Consumer } from '../src/oauth1/consumers.js';
import { Nonces } from '../src/oauth1/nonces.js';
import { OAuth1Module } from '../src/oauth1/oauth1.module.js';
import type { OAuth1Parts, PageVisitors } from '../src/oauth1/oauth1-parts.js';
import { readBody } from '../src/http/request-body.js';
import { SignatureCheck } from '../src/oauth1/signature-check.js';
import { TemporaryCredentials } from '../src/oauth1/temporary-credentials.js';
import { openDataSource } from '../src/persistence/data-source.js';

export const callback = 'https://shop.example/back?shop=1';
export const consumerKey = 'shop-key';
export const consumerSecret = 'shop-secret-6f1c&=';

export interface Credentials {
  key: string;
  secret: string;
}

/** Who is signed in comes with a cookie; a form of ours is one that knows the word. */
const visitors: PageVisitors = {
  signedInAccount: ({ headers }) => {
    const id = /account=(\w+)/.exec(headers.cookie ?? '')?.[1];
    return Promise.resolve(id === undefined ? undefined : { id, email: `${id}@example.com` });
  },
  sendToSignIn: (request, response) => {
    response.redirect(303, `/sign-in?next=${encodeURIComponent(request.originalUrl)}`);
  },
  csrf: () => 'the-word',
  isOwnForm: (_, form) => form.get('csrf') === 'the-word',
};

@Module({})
class NothingModule {}

/** An API as /v1 is: who makes a request is asked before its body is parsed. Answers with what it has found. */
async function startEcho({ check, tokens }: OAuth1Parts, logger: Logger): Promise<NestExpressApplication> {
  const app = await NestFactory.create<NestExpressApplication>(NothingModule, {
    logger: false,
    bodyParser: false,
  });
  const address = { origin: '' };
  const authentication = new OAuth1Authentication(check, tokens, address);
  const verdicts = new WeakMap<Request, OAuth1Verdict>();
  app.use((request: Request, response: Response, next: NextFunction) => {
    authentication.verify(request).then((verdict) => {
      verdicts.set(request, verdict);
      if (verdict.kind === 'refused') {
        response.json({ verdict });
      } else {
        next();
      }
    }, next);
  });
  app.use((request: Request, response: Response, next: NextFunction) => {
    // The API takes nothing else.
    if (typeof request.is('application/json') === 'string') {
      readBody(request, response, next);
    } else {
      next();
    }
  });
  app.use((request: Request, response: Response) => {
    response.json({ verdict: verdicts.get(request), body: request.body as unknown });
  });
  app.useGlobalFilters(new ProblemFilter(logger));
  await app.listen(0, '127.0.0.1');
  const { port } = app.getHttpServer().address() as { port: number };
  address.origin = `http://127.0.0.1:${String(port)}`;
  return app;
}

export interface OAuth1Instance {
  url: string;
  /** Of an API that asks who makes a request. */
  apiUrl: string;
  parts: OAuth1Parts;
  nonces: Nonces;
  dataSource: DataSource;
  stop(): Promise<void>;
}

export interface OAuth1UnderTest {
  stack: TestStack;
  /** What is registered; changes count at once. */
  consumers: Map<string, OAuth1Consumer>;
  secretsKey: string;
  start(databaseUrl: string, options?: { logger?: Logger; nowMs?: () => number }): Promise<OAuth1Instance>;
}

export const shop: OAuth1Consumer = {
  applicationId: 'default',
  name: 'Shop & Co',
  consumerSecrets: [consumerSecret],
  rsaPublicKeyPem: null,
  callbackUrls: [callback],
};

/** No other way in, and nothing of OAuth 2. */
const nobodyElse = {
  waysIn: {
    adminKey: 'test-admin-key-0123456789',
    ofBearer: () => Promise.resolve(undefined),
    ofSigned: () => Promise.resolve(undefined),
  },
  oauth2: (_request: Request, _response: Response, next: NextFunction) => {
    next();
  },
  rateLimits: { requestsPerMinute: 1_000_000, anonymousRequestsPerMinute: 1_000_000 },
  interceptors: [],
};

/** To be called once at the top of a test file; stops whatever it started. */
export function oauth1UnderTest(): OAuth1UnderTest {
  const running: OAuth1Instance[] = [];
  const consumers = new Map([[consumerKey, shop]]);
  const secretsKey = randomBytes(32).toString('base64');
  const stack = testStack();
  afterAll(async () => {
    await Promise.all(running.map((instance) => instance.stop()));
  });
  return {
    stack,
    consumers,
    secretsKey,
    start: async (databaseUrl, { logger = silentLogger, nowMs = Date.now } = {}) => {
      const dataSource = await openDataSource(databaseUrl, logger);
      const key = SecretsKey.fromBase64(secretsKey);
      const nonces = new Nonces(dataSource);
      const publicAddress = { origin: '' };
      const known = { find: (each: string) => Promise.resolve(consumers.get(each)) };
      const parts: OAuth1Parts = {
        publicAddress,
        consumers: known,
        check: new SignatureCheck(known, nonces, nowMs),
        temporary: new TemporaryCredentials(dataSource, key, nowMs),
        tokens: new AccessTokens(dataSource, key),
        visitors,
        grantOf: () =>
          Promise.resolve({
            scopes: ['subscriptions:read'],
            databases: ['acme'],
            models: null,
            companyIds: null,
          }),
      };
      const address = {
        host: '127.0.0.1',
        port: 0,
        ...nobodyElse,
        trustedProxies: [],
        metrics: new ControlMetrics(),
        drainMs: 0,
        logger,
      };
      const server = await startHttpServer(OAuth1Module.of(parts, logger), address);
      publicAddress.origin = `http://127.0.0.1:${String(server.port)}`;
      const echo = await startEcho(parts, logger);
      let stopped: Promise<void> | undefined;
      const instance = {
        url: publicAddress.origin,
        apiUrl: await echo.getUrl(),
        parts,
        nonces,
        dataSource,
        stop: () =>
          (stopped ??= Promise.all([server.close(), echo.close()]).then(() => dataSource.destroy())),
      };
      running.push(instance);
      return instance;
    },
  };
}

export interface SignedCall {
  method?: string;
  token?: Credentials;
  consumer?: Credentials;
  /** Beside those of every request. */
  oauth?: Readonly<Record<string, string>>;
  json?: unknown;
  /** In place of `json`, as it is. */
  text?: string;
  headers?: Readonly<Record<string, string>>;
}

/** The Authorization header that the library oauth-1.0a makes. */
export function authorizationOf(url: string, call: SignedCall = {}): string {
  const {
    method = 'GET',
    token,
    consumer = { key: consumerKey, secret: consumerSecret },
    oauth = {},
    json,
    text = json === undefined ? undefined : JSON.stringify(json),
  } = call;
  const client = new OAuth({
    consumer,
    realm: 'Odoo Relay',
    signature_method: 'HMAC-SHA256',
    hash_function: (base, key) => createHmac('sha256', key).update(base).digest('base64'),
    body_hash_function: (data) => createHash('sha256').update(data).digest('base64'),
  });
  const request = { url, method, data: text ?? { ...oauth }, includeBodyHash: text !== undefined };
  return client.toHeader(client.authorize(request, token)).Authorization;
}

/** Makes a request that the library oauth-1.0a has signed. */
export async function signedCall(url: string, call: SignedCall = {}): Promise<globalThis.Response> {
  const { method = 'GET', json, headers = {} } = call;
  return fetch(url, {
    method,
    redirect: 'manual',
    headers: {
      authorization: authorizationOf(url, call),
      ...(json === undefined ? {} : { 'content-type': 'application/json' }),
      ...headers,
    },
    ...(json === undefined ? {} : { body: JSON.stringify(json) }),
  });
}

/** A token and its secret out of a form. */
export async function credentialsOf(response: globalThis.Response): Promise<Credentials> {
  const form = new URLSearchParams(await response.text());
  return { key: form.get('oauth_token') ?? '', secret: form.get('oauth_token_secret') ?? '' };
}

/** As an account that is asked by a page: its answer. */
export function decide(
  url: string,
  token: string,
  { decision = 'allow', account = 'anna', csrf = 'the-word' } = {},
): Promise<globalThis.Response> {
  return fetch(`${url}/oauth/1.0a/authorize`, {
    method: 'POST',
    redirect: 'manual',
    headers: { cookie: `account=${account}` },
    body: new URLSearchParams({ oauth_token: token, decision, csrf }),
  });
}

/** All three legs, with nobody's browser between. */
export async function connect(url: string, oauthCallback = callback): Promise<Credentials> {
  const temporary = await credentialsOf(
    await signedCall(`${url}/oauth/1.0a/request-token`, {
      method: 'POST',
      oauth: { oauth_callback: oauthCallback },
    }),
  );
  const back = new URL((await decide(url, temporary.key)).headers.get('location') ?? '');
  return credentialsOf(
    await signedCall(`${url}/oauth/1.0a/access-token`, {
      method: 'POST',
      token: temporary,
      oauth: { oauth_verifier: back.searchParams.get('oauth_verifier') ?? '' },
    }),
  );
}
