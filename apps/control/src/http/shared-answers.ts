import { problemMediaType } from './problem.js';

type Operation = Record<string, unknown> & {
  responses: Record<string, Answer>;
  parameters?: readonly object[];
};
type Answer = Record<string, unknown> & { headers?: Record<string, unknown> };

interface Document {
  paths: Record<string, Record<string, Operation>>;
  components?: { responses?: object; headers?: object; parameters?: object };
}

/** What every route can answer, whoever asks and whatever for. */
const problems = {
  400: { name: 'BadRequest', description: 'The request cannot be read' },
  401: { name: 'Unauthorized', description: 'Nobody says who makes the request, or it is not believed' },
  403: { name: 'Forbidden', description: 'Whoever makes the request may not do this' },
  408: { name: 'RequestTimeout', description: 'The request did not come in time; the connection is closed' },
  413: { name: 'BodyTooLarge', description: 'The body is too large' },
  415: { name: 'UnsupportedMediaType', description: 'The body is not sent as JSON' },
  429: { name: 'RateLimited', description: 'Too many requests: try again when `Retry-After` says' },
  431: { name: 'HeadersTooLarge', description: 'The headers are too large; the connection is closed' },
  500: { name: 'InternalError', description: 'Something unexpected went wrong' },
  503: {
    name: 'Unavailable',
    description: 'Postgres or Kafka does not answer: nothing was changed, try again',
  },
} as const;

/** Answered before it is known whose request it is. */
const early = ['400', '408', '413', '431'];

const retryAfter = { 'Retry-After': { $ref: '#/components/headers/RetryAfter' } };
const headersOf: Readonly<Record<string, object>> = {
  401: { 'WWW-Authenticate': { $ref: '#/components/headers/WwwAuthenticate' } },
  429: retryAfter,
  503: retryAfter,
};

const rateLimit = {
  RateLimit: { $ref: '#/components/headers/RateLimit' },
  'RateLimit-Policy': { $ref: '#/components/headers/RateLimitPolicy' },
};

const headers = {
  RateLimit: {
    description: 'how many requests are left (`r`) and in how many seconds they are all there again (`t`)',
    schema: { type: 'string' },
  },
  RateLimitPolicy: {
    description: 'how many requests (`q`) are answered in how many seconds (`w`)',
    schema: { type: 'string' },
  },
  IdempotentReplayed: {
    description: '`true` where it is the answer of an earlier request with the same key',
    schema: { type: 'string', enum: ['true'] },
  },
  RetryAfter: { description: 'seconds to wait', schema: { type: 'integer', minimum: 0 } },
  WwwAuthenticate: { description: 'how to say who makes the request', schema: { type: 'string' } },
};

/** Adds them to every operation, each written once. */
export function withSharedAnswers<T extends object>(given: T): T {
  const document = given as unknown as Document;
  const paths = Object.entries(document.paths).map(([path, operations]) => [
    path,
    Object.fromEntries(
      Object.entries(operations).map(([method, operation]) => [
        method,
        withProblems(method === 'post' ? repeatable(operation) : operation),
      ]),
    ),
  ]);
  const components = {
    ...document.components,
    parameters: { ...document.components?.parameters, IdempotencyKey },
    headers: { ...document.components?.headers, ...headers },
    responses: { ...document.components?.responses, ...shared() },
  };
  return { ...given, paths: Object.fromEntries(paths) as unknown, components };
}

function withProblems(operation: Operation): Operation {
  const references = Object.entries(problems).map(([status, { name }]) => [
    status,
    { $ref: `#/components/responses/${name}` },
  ]);
  const answers = Object.entries(operation.responses).map(([status, answer]) => [
    status,
    { ...answer, headers: { ...answer.headers, ...rateLimit } },
  ]);
  const responses = Object.fromEntries([...references, ...answers]) as Record<string, Answer>;
  return { ...operation, responses };
}

const IdempotencyKey = {
  name: 'Idempotency-Key',
  in: 'header',
  required: false,
  description:
    'a new one for each request, e.g. a UUID, and the same when it is sent again: for 24 h what was done once is not ' +
    'done again, and its answer is given again. A request that was refused frees its key.',
  schema: { type: 'string', minLength: 1, maxLength: 255, pattern: '^[!-~]+$' },
};

/** What `Idempotency-Key` adds to a POST. */
function repeatable(operation: Operation): Operation {
  const responses = Object.entries(operation.responses).map(([status, answer]): [string, Answer] => {
    const replayed = { 'Idempotent-Replayed': { $ref: '#/components/headers/IdempotentReplayed' } };
    return [
      status,
      status.startsWith('2') ? { ...answer, headers: { ...answer.headers, ...replayed } } : answer,
    ];
  });
  return {
    ...operation,
    parameters: [...(operation.parameters ?? []), { $ref: '#/components/parameters/IdempotencyKey' }],
    responses: {
      409: problem('It cannot be done as things stand, or a request with the same key is under way'),
      422: problem('Fields are not right, or the key stands for another request'),
      ...Object.fromEntries(responses),
    },
  };
}

function problem(description: string): Answer {
  return {
    description,
    content: { [problemMediaType]: { schema: { $ref: '#/components/schemas/ProblemView' } } },
  };
}

function shared(): Record<string, Answer> {
  return Object.fromEntries(
    Object.entries(problems).map(([status, { name, description }]) => [
      name,
      {
        ...problem(description),
        headers: { ...headersOf[status], ...(early.includes(status) ? {} : rateLimit) },
      },
    ]),
  );
}
