import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import createFetchClient, { type Client } from 'openapi-fetch';
import type { components, paths } from './api.js';

export type ProblemDocument = components['schemas']['ProblemView'];
export type ApiClient = Client<paths>;

export interface ClientOptions {
  /** Of control, without `/v1`. */
  url: string;
  /** The admin key, an API key or an access token. */
  token: string;
  /** How often a request is sent again that was not answered, or told to come again. */
  maxRetries?: number;
  /** What is told to wait longer than this is not sent again. */
  maxWaitMs?: number;
  fetch?: (request: Request) => Promise<Response>;
}

const defaultRetries = 4;
const defaultMaxWaitMs = 60_000;
const firstWaitMs = 500;

/** An answer other than success; `problem.code` is stable and `problem.detail` says what to do. */
export class ApiProblem extends Error {
  override readonly name = 'ApiProblem';

  constructor(
    readonly problem: ProblemDocument,
    readonly response: Response,
  ) {
    super(`${problem.title}: ${problem.detail}`);
  }
}

/**
 * A client whose paths, bodies and answers are typed by the API's own description. Every POST has an Idempotency-Key,
 * so that it can be sent again without being done again.
 * @throws ApiProblem from each call that is answered with a problem
 */
export function createClient(options: ClientOptions): ApiClient {
  const { url, token } = options;
  return createFetchClient<paths>({
    baseUrl: url.replace(/\/+$/, ''),
    headers: { authorization: `Bearer ${token}` },
    fetch: (request) => answered(request, options),
  });
}

interface Page<Item> {
  data: readonly Item[];
  nextCursor?: string | null;
}

/** All entries of a list, page by page: `read` asks for the page that begins with what it is given. */
export async function* entries<Item>(
  read: (page: { cursor?: string }) => Promise<{ data?: Page<Item> }>,
): AsyncGenerator<Item> {
  let cursor: string | null | undefined;
  do {
    const { data } = await read(cursor == null ? {} : { cursor });
    yield* data?.data ?? [];
    cursor = data?.nextCursor;
  } while (cursor != null);
}

async function answered(request: Request, options: ClientOptions): Promise<Response> {
  if (request.method === 'POST' && !request.headers.has('idempotency-key')) {
    request.headers.set('idempotency-key', randomUUID());
  }
  const { maxRetries = defaultRetries, maxWaitMs = defaultMaxWaitMs } = options;
  for (let tries = 0; ; tries++) {
    const isLast = tries >= maxRetries;
    const response = await sent(request, options, isLast);
    const waitMs = waitOf(response, tries);
    if (waitMs === undefined || waitMs > maxWaitMs || isLast) {
      return response === undefined ? unanswered() : successOf(response);
    }
    await response?.body?.cancel();
    await delay(waitMs, undefined, { signal: request.signal });
  }
}

/** undefined where no answer came, and the request may be sent again. */
async function sent(
  request: Request,
  { fetch = globalThis.fetch }: ClientOptions,
  isLast: boolean,
): Promise<Response | undefined> {
  try {
    return await fetch(request.clone());
  } catch (error) {
    // A PUT, PATCH or DELETE may have been done: whoever expects a version would be told that it is another one.
    const isRepeatable = request.method === 'GET' || request.method === 'POST';
    if (isLast || !isRepeatable || request.signal.aborted) {
      throw error;
    }
    return undefined;
  }
}

/** How long to wait before the request is sent again; undefined where that would be of no use. */
function waitOf(response: Response | undefined, tries: number): number | undefined {
  const backOffMs = firstWaitMs * 2 ** tries;
  if (response === undefined) {
    return backOffMs;
  }
  const after = Number(response.headers.get('retry-after') ?? NaN);
  const isToComeAgain = [429, 503].includes(response.status) || (response.status === 409 && after >= 0);
  return isToComeAgain ? (after >= 0 ? after * 1000 : backOffMs) : undefined;
}

function unanswered(): never {
  throw new Error('the API did not answer');
}

async function successOf(response: Response): Promise<Response> {
  if (response.ok || response.status === 304) {
    return response;
  }
  throw new ApiProblem(await problemOf(response), response);
}

/** Of something between that does not speak for the API, too. */
async function problemOf(response: Response): Promise<ProblemDocument> {
  const text = await response.text();
  if (response.headers.get('content-type')?.startsWith('application/problem+json') === true) {
    return JSON.parse(text) as ProblemDocument;
  }
  const { status, statusText } = response;
  const code = status >= 500 ? 'internal_error' : 'request_refused';
  return { type: 'about:blank', title: statusText, status, code, detail: text.slice(0, 200) };
}
