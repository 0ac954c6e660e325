import { AsyncLocalStorage } from 'node:async_hooks';
import { createHash } from 'node:crypto';
import type { CallHandler, ExecutionContext, NestInterceptor } from '@nestjs/common';
import type { Request, Response } from 'express';
import { catchError, from, mergeMap, Observable, of, type Observer } from 'rxjs';
import type { EntityManager } from 'typeorm';
import { isApiRoute } from '../http/api-route.js';
import { principalIfAny } from '../access/principal.js';
import { Problem } from '../http/problem.js';
import { versionOf } from '../http/versions.js';
import { keyInUse, type Claim, type IdempotencyKeys, type KeptAnswer } from './idempotency-keys.js';

const keyPattern = /^[\x21-\x7e]{1,255}$/;

/** What a transaction needs to keep the answer with what it does. */
interface UnderWay {
  keys: IdempotencyKeys;
  claim: Claim;
  response: Response;
}

const underWay = new AsyncLocalStorage<UnderWay>();

/**
 * Keeps the answer of the request that is under way, where it has an Idempotency-Key, in the transaction that does
 * what it asks for: also if this process ends before it can send it, the next request with the key gets it.
 */
export async function keepAnswer(
  manager: EntityManager,
  bodyOf: () => object | Promise<object>,
): Promise<void> {
  const request = underWay.getStore();
  if (request !== undefined) {
    const { keys, claim, response } = request;
    await keys.keepIn(manager, claim, answerOf(response, await bodyOf()));
  }
}

/**
 * `Idempotency-Key` of every POST: what was answered once with success is answered again for 24 h, and nothing is done
 * a second time. What was refused has changed nothing, and frees its key.
 */
export class Idempotency implements NestInterceptor {
  constructor(private readonly keys: IdempotencyKeys) {}

  async intercept(context: ExecutionContext, next: CallHandler): Promise<Observable<unknown>> {
    const request = context.switchToHttp().getRequest<Request>();
    const isAsked = request.method === 'POST' && isApiRoute(context);
    const principal = principalIfAny(request);
    const key = isAsked ? keyOf(request) : undefined;
    // Keys are somebody's: of those who are nobody, one could read what another was answered.
    if (key === undefined || principal === undefined) {
      return next.handle();
    }
    const response = context.switchToHttp().getResponse<Response>();
    const { kind, id } = principal;
    const claimed = await this.keys.claim(`${kind}:${id}`, key, fingerprintOf(request));
    switch (claimed.kind) {
      case 'claimed':
        return this.done(claimed.claim, response, next);
      case 'answered':
        return of(replayed(response, claimed.answer));
      case 'inUse':
        throw keyInUse();
      case 'reused':
        throw new Problem(
          'idempotency_key_reused',
          'this Idempotency-Key was sent with another path or body before: give each request a new one',
        );
    }
  }

  private done(claim: Claim, response: Response, next: CallHandler): Observable<unknown> {
    const { keys } = this;
    // The handler is called where its observable is subscribed to.
    const handled = new Observable((observer: Observer<unknown>) =>
      underWay.run({ keys, claim, response }, () => next.handle().subscribe(observer)),
    );
    return handled.pipe(
      mergeMap((body: unknown) => {
        // It is done: whatever happens to its answer, this request is not refused any more.
        const kept = keys.keep(claim, answerOf(response, body)).catch(() => undefined);
        return from(kept.then(() => body));
      }),
      catchError(async (error: unknown) => {
        await keys.release(claim).catch(() => undefined);
        throw error;
      }),
    );
  }
}

function answerOf(response: Response, body: unknown): KeptAnswer {
  const version = versionOf(body);
  return { status: response.statusCode, body, ...(version === undefined ? {} : { etag: `"${version}"` }) };
}

function replayed(response: Response, { status, etag, body }: KeptAnswer): unknown {
  response.status(status).setHeader('idempotent-replayed', 'true');
  if (etag !== undefined) {
    response.setHeader('etag', etag);
  }
  return body;
}

/** As it is, or as a text of structured fields. @throws Problem */
function keyOf({ headers }: Request): string | undefined {
  const given = headers['idempotency-key'];
  if (given === undefined) {
    return undefined;
  }
  if (typeof given !== 'string' || !keyPattern.test(given)) {
    throw new Problem(
      'request_refused',
      'Idempotency-Key must have 1 to 255 printable characters and no spaces, e.g. a UUID',
    );
  }
  return /^".+"$/.test(given) ? given.slice(1, -1) : given;
}

function fingerprintOf({ method, originalUrl, body }: Request): string {
  const text = JSON.stringify([method, originalUrl, (body as unknown) ?? null]);
  return createHash('sha256').update(text).digest('hex');
}
