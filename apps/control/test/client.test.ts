import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { checkoutDirectory } from '#embedded';
import { ApiProblem, createClient, entries, type ApiClient } from '#libs/client';
import { apiTypes, apiTypesFile } from '../../../scripts/api-client.js';
import { moveSubscriptions } from './documented-client.js';
import { adminKey, Api, aSubscription, controlUnderTest } from './control-under-test.js';

const control = controlUnderTest();
let url: string;
let client: ApiClient;

beforeAll(async () => {
  url = `http://127.0.0.1:${(await control.start(await control.environment())).port}`;
  client = createClient({ url, token: adminKey });
});

/** Answers with what it is given, then as the API does; keeps what it was asked. */
function answersFirst(...answers: (Response | Error)[]): {
  asked: Request[];
  fetch: (request: Request) => Promise<Response>;
} {
  const asked: Request[] = [];
  return {
    asked,
    fetch: async (request) => {
      asked.push(request.clone());
      const answer = answers.shift();
      if (answer instanceof Error) throw answer;
      return answer ?? fetch(request);
    },
  };
}

const comeAgain = (status: number, seconds: string): Response =>
  new Response('{}', { status, headers: { 'retry-after': seconds } });

describe("the client's types", () => {
  it('are those of the API as it is: "npm run docs" makes them', async () => {
    const { body } = await new Api(url).get('/v1/openapi.json');
    const file = readFileSync(join(checkoutDirectory(), apiTypesFile), 'utf8');
    expect((await apiTypes(body)) === file).toBe(true);
  });
});

describe('the client', () => {
  it('creates, reads, changes and deletes', async () => {
    const { data: created } = await client.POST('/v1/subscriptions', {
      body: { ...aSubscription, format: 'xml' },
    });
    expect(created?.secret).toMatch(/^whsec_/);
    const params = { path: { id: created?.id ?? '' } };
    const read = await client.GET('/v1/subscriptions/{id}', { params });
    expect(read.data?.url).toBe(aSubscription.url);
    const expected = { ...params, header: { 'If-Match': read.response.headers.get('etag') ?? '' } };
    const body = { url: 'https://shop.example/2' };
    const changed = await client.PATCH('/v1/subscriptions/{id}', { params: expected, body });
    expect(changed.data?.url).toBe(body.url);
    const again = client.PATCH('/v1/subscriptions/{id}', { params: expected, body });
    await expect(again).rejects.toMatchObject({ problem: { code: 'precondition_failed' } });
    expect((await client.DELETE('/v1/subscriptions/{id}', { params })).response.status).toBe(204);
  });

  it('does what its page says', async () => {
    const directory = join(checkoutDirectory(), 'apps/control/test');
    const example = readFileSync(join(directory, 'documented-client.ts'), 'utf8');
    const page = readFileSync(join(checkoutDirectory(), 'docs/api.md'), 'utf8');
    expect(page.includes(`\`\`\`ts\n${example}\`\`\``)).toBe(true);
    const { data } = await client.POST('/v1/subscriptions', {
      body: { ...aSubscription, database: 'globex' },
    });
    expect(await moveSubscriptions({ url, token: adminKey }, 'globex', 'shop.example:8443')).toEqual([]);
    const params = { path: { id: data?.id ?? '' } };
    const moved = await client.GET('/v1/subscriptions/{id}', { params });
    expect(moved.data?.url).toBe('https://shop.example:8443/hooks/odoo');
    await client.DELETE('/v1/subscriptions/{id}', { params });
  });

  it('throws problems that say what to do', async () => {
    const body = { ...aSubscription, url: 'http://10.0.0.1/' };
    const error = await client.POST('/v1/subscriptions', { body }).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(ApiProblem);
    expect((error as ApiProblem).message).toMatch(/^Some fields are not right: url is a private address/);
    expect((error as ApiProblem).problem.errors).toMatchObject([{ field: 'url' }]);
    const other = createClient({ url, token: 'wrong' });
    await expect(other.GET('/v1/redrives')).rejects.toMatchObject({ problem: { code: 'unauthorized' } });
  });

  it('reads lists to their end', async () => {
    for (let number = 0; number < 5; number++) {
      await client.POST('/v1/subscriptions', { body: { ...aSubscription, database: 'globex' } });
    }
    const ids: string[] = [];
    const query = { database: 'globex', limit: 2 };
    for await (const { id } of entries((page) =>
      client.GET('/v1/subscriptions', { params: { query: { ...query, ...page } } }),
    )) {
      ids.push(id);
    }
    expect([ids.length, new Set(ids).size]).toEqual([5, 5]);
  });

  it('sends again what was told to come again or not answered, under one key', async () => {
    const { asked, fetch } = answersFirst(comeAgain(429, '0'), comeAgain(503, '0'), new TypeError('cut'));
    const own = createClient({ url, token: adminKey, fetch });
    const { data } = await own.POST('/v1/subscriptions', { body: aSubscription });
    expect(data?.id).toMatch(/^sub_/);
    expect(asked).toHaveLength(4);
    expect(new Set(asked.map(({ headers }) => headers.get('idempotency-key'))).size).toBe(1);
  });

  it('does nothing twice where the answer was lost', async () => {
    let isLost = false;
    const own = createClient({
      url,
      token: adminKey,
      fetch: async (request) => {
        const answer = await fetch(request);
        if (isLost) return answer;
        isLost = true;
        await answer.arrayBuffer();
        throw new TypeError('cut');
      },
    });
    const name = 'https://shop.example/lost';
    const { data, response } = await own.POST('/v1/subscriptions', { body: { ...aSubscription, url: name } });
    expect(response.headers.get('idempotent-replayed')).toBe('true');
    const same = [];
    for await (const one of entries((page) => client.GET('/v1/subscriptions', { params: { query: page } }))) {
      if (one.url === name) same.push(one.id);
    }
    expect(same).toEqual([data?.id]);
  });

  it('gives up where it is told to wait too long, and on changes whose answer was lost', async () => {
    const late = answersFirst(comeAgain(429, '3600'));
    const patient = createClient({ url, token: adminKey, fetch: late.fetch });
    await expect(patient.GET('/v1/redrives')).rejects.toMatchObject({ response: { status: 429 } });
    const cut = answersFirst(new TypeError('cut'));
    const own = createClient({ url, token: adminKey, fetch: cut.fetch });
    const params = { path: { database: 'acme' } };
    await expect(own.PUT('/v1/databases/{database}/settings', { params, body: {} })).rejects.toThrow('cut');
    expect([late.asked.length, cut.asked.length]).toEqual([1, 1]);
  });
});
