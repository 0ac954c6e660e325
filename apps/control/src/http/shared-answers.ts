import { problemMediaType } from './problem.js';

type Operation = Record<string, unknown> & { responses: Record<string, Answer> };
type Answer = Record<string, unknown> & { headers?: Record<string, unknown> };

interface Document {
  paths: Record<string, Record<string, Operation>>;
  components?: { responses?: object; headers?: object };
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

const retryAfter = { 'Retry-After': { $ref: '#/components/headers/RetryAfter' } };
const headersOf: Readonly<Record<string, object>> = {
  401: { 'WWW-Authenticate': { $ref: '#/components/headers/WwwAuthenticate' } },
  429: retryAfter,
  503: retryAfter,
};

const headers = {
  RetryAfter: { description: 'seconds to wait', schema: { type: 'integer', minimum: 0 } },
  WwwAuthenticate: { description: 'how to say who makes the request', schema: { type: 'string' } },
};

/** Adds them to every operation, each written once. */
export function withSharedAnswers<T extends object>(given: T): T {
  const document = given as unknown as Document;
  const paths = Object.entries(document.paths).map(([path, operations]) => [
    path,
    Object.fromEntries(
      Object.entries(operations).map(([method, operation]) => [method, withProblems(operation)]),
    ),
  ]);
  const components = {
    ...document.components,
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
  return {
    ...operation,
    responses: { ...(Object.fromEntries(references) as object), ...operation.responses },
  };
}

function shared(): Record<string, object> {
  const schema = { $ref: '#/components/schemas/ProblemView' };
  return Object.fromEntries(
    Object.entries(problems).map(([status, { name, description }]) => [
      name,
      { description, headers: headersOf[status] ?? {}, content: { [problemMediaType]: { schema } } },
    ]),
  );
}
