import { Validator } from '@seriousme/openapi-schema-validator';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { Api, controlUnderTest } from './control-under-test.js';

interface Answer {
  description: string;
  content?: Record<string, { schema: { $ref: string } }>;
}

interface Operation {
  parameters?: ({ name: string; in: string; schema: Record<string, unknown> } | { $ref: string })[];
  summary?: string;
  security?: unknown[];
  requestBody?: { content: Record<string, { schema: { $ref: string } }> };
  responses: Record<string, Answer | { $ref: string }>;
}

interface OpenApi {
  openapi: string;
  paths: Record<string, Record<string, Operation>>;
  components: {
    responses: Record<string, Answer>;
    schemas: Record<string, { properties?: Record<string, unknown>; required?: string[] }>;
  };
}

const control = controlUnderTest();
let document: OpenApi;
let operations: [string, Operation][];

beforeAll(async () => {
  const { port } = await control.start(await control.environment());
  const { body } = await new Api(`http://127.0.0.1:${port}`).get('/v1/openapi.json');
  document = body as unknown as OpenApi;
  operations = Object.entries(document.paths)
    .filter(([path]) => path.startsWith('/v1/'))
    .flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, operation]): [string, Operation] => [
        `${method.toUpperCase()} ${path}`,
        operation,
      ]),
    );
});

/** Without credentials. */
const open = new Set(['POST /v1/registrations']);
/** What every route can answer (shared-answers.ts). */
const always = ['400', '401', '403', '408', '413', '415', '429', '431', '500', '503'];

function answerOf(answer: Answer | { $ref: string }): Answer {
  return '$ref' in answer
    ? (document.components.responses[answer.$ref.split('/').at(-1) ?? ''] as Answer)
    : answer;
}

describe('the OpenAPI document', () => {
  it('is valid OpenAPI 3.1', async () => {
    expect(document.openapi).toBe('3.1.0');
    const validator = new Validator();
    expect(await validator.validate({ ...document })).toMatchObject({ valid: true });
    expect(validator.version).toBe('3.1');
    expect(JSON.stringify(document)).not.toContain('"nullable"');
  });

  it('names every route', () => {
    expect(operations.map(([name]) => name).sort()).toEqual([
      'DELETE /v1/applications/{id}',
      'DELETE /v1/applications/{id}/credentials/{credentialId}',
      'DELETE /v1/consents/{id}',
      'DELETE /v1/databases/{database}/event-types/{name}',
      'DELETE /v1/subscriptions/{id}',
      'GET /v1/accounts',
      'GET /v1/accounts/{id}',
      'GET /v1/applications',
      'GET /v1/applications/{id}',
      'GET /v1/applications/{id}/credentials',
      'GET /v1/attempts',
      'GET /v1/audit-log',
      'GET /v1/consents',
      'GET /v1/databases/{database}/event-types/{name}',
      'GET /v1/databases/{database}/settings',
      'GET /v1/deliveries/{webhookId}',
      'GET /v1/erasures',
      'GET /v1/erasures/{id}',
      'GET /v1/event-types',
      'GET /v1/event-types/{name}',
      'GET /v1/events',
      'GET /v1/redrives',
      'GET /v1/redrives/{id}',
      'GET /v1/replays/{id}',
      'GET /v1/subscriptions',
      'GET /v1/subscriptions/{id}',
      'GET /v1/subscriptions/{id}/replays',
      'GET /v1/subscriptions/{id}/statistics',
      'PATCH /v1/accounts/{id}',
      'PATCH /v1/applications/{id}',
      'PATCH /v1/subscriptions/{id}',
      'POST /v1/accounts',
      'POST /v1/accounts/{id}/reset',
      'POST /v1/applications',
      'POST /v1/applications/{id}/credentials',
      'POST /v1/applications/{id}/credentials/{credentialId}/rotate-secret',
      'POST /v1/deliveries/{webhookId}/resend',
      'POST /v1/erasures',
      'POST /v1/redrives',
      'POST /v1/redrives/{id}/stop',
      'POST /v1/registrations',
      'POST /v1/replays/{id}/stop',
      'POST /v1/subscriptions',
      'POST /v1/subscriptions/{id}/disable',
      'POST /v1/subscriptions/{id}/enable',
      'POST /v1/subscriptions/{id}/replays',
      'POST /v1/subscriptions/{id}/rotate-secret',
      'POST /v1/subscriptions/{id}/test',
      'POST /v1/try',
      'PUT /v1/databases/{database}/event-types/{name}',
      'PUT /v1/databases/{database}/settings',
    ]);
  });

  it('says of each route what it is for, what it answers, and which problems', () => {
    for (const [name, { summary, security, responses }] of operations) {
      expect([name, summary]).toEqual([name, expect.stringMatching(/^[A-Z]/)]);
      expect([name, security]).toEqual([name, open.has(name) ? undefined : [{ bearer: [] }]]);
      const statuses = Object.keys(responses);
      expect([name, statuses.filter((status) => status.startsWith('2')).length]).toEqual([name, 1]);
      expect([name, statuses]).toEqual([name, expect.arrayContaining(always)]);
      expect([name, statuses.includes('404')]).toEqual([name, name.includes('{')]);
      for (const [status, answer] of Object.entries(responses)) {
        const { content } = answerOf(answer);
        const expected = status.startsWith('2')
          ? status === '204'
            ? []
            : ['application/json']
          : status === '304'
            ? []
            : ['application/problem+json'];
        expect([name, status, Object.keys(content ?? {})]).toEqual([name, status, expected]);
      }
    }
  });

  it('asks for all lists alike, and answers them alike', () => {
    const lists = operations.filter(([name, { responses }]) => {
      const { content = {} } = answerOf(responses['200'] ?? { description: '' });
      const schema = content['application/json']?.schema.$ref.split('/').at(-1) ?? '';
      const { properties = {}, required = [] } = document.components.schemas[schema] ?? {};
      const isList = name.startsWith('GET') && 'data' in properties;
      expect([name, isList && required.includes('nextCursor')]).toEqual([name, isList]);
      return isList;
    });
    expect(lists).toHaveLength(12);
    for (const [name, { parameters = [] }] of lists) {
      const given = new Map(parameters.map((one) => ('name' in one ? [one.name, one.schema] : ['', {}])));
      expect([name, given.get('limit')]).toEqual([
        name,
        { type: 'integer', minimum: 1, maximum: 200, default: 50 },
      ]);
      expect([name, given.get('cursor')]).toEqual([name, { type: 'string' }]);
    }
  });

  it('has a schema for each body it names, with the same fields as the answers', () => {
    const named = [...JSON.stringify(document).matchAll(/"#\/components\/schemas\/(\w+)"/g)].map(
      ([, name]) => name ?? '',
    );
    expect(named.length).toBeGreaterThan(10);
    expect(
      named.filter((name) => Object.keys(document.components.schemas[name]?.properties ?? {}).length === 0),
    ).toEqual([]);
    const problem = document.components.schemas['ProblemView'];
    expect(problem?.required).toEqual(['type', 'title', 'status', 'code', 'detail']);
  });

  it('names all fields in camelCase', () => {
    const fields = Object.values(document.components.schemas).flatMap(({ properties = {} }) =>
      Object.keys(properties),
    );
    expect(fields).toEqual(expect.arrayContaining(['rateLimitPerS', 'graceMs', 'webhookIds', 'tokenUrl']));
    expect(fields.filter((field) => !/^[a-z][a-zA-Z0-9]*$/.test(field))).toEqual([]);
  });

  it('tells what a new subscription needs', () => {
    const post = operations.find(([name]) => name === 'POST /v1/subscriptions')?.[1];
    const schema = post?.requestBody?.content['application/json']?.schema.$ref.split('/').at(-1) ?? '';
    expect(document.components.schemas[schema]?.required).toEqual(['database', 'eventTypes', 'url']);
  });
});
