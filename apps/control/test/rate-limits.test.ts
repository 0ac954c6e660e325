import { beforeAll, describe, expect, it } from '@jest/globals';
import { Api, controlUnderTest } from './control-under-test.js';

const control = controlUnderTest();
let api: Api;

beforeAll(async () => {
  const env = { API_REQUESTS_PER_MINUTE: '20', API_ANONYMOUS_REQUESTS_PER_MINUTE: '5' };
  const { port } = await control.start(await control.environment(env));
  api = new Api(`http://127.0.0.1:${port}`);
});

describe('too many requests in a minute', () => {
  it('of an address that says not who it is are refused; who does is not affected', async () => {
    const headers = { authorization: 'Bearer wrong' };
    const answers = [];
    for (let request = 0; request < 7; request++) {
      answers.push(await api.call('GET', request === 1 ? '/v1/openapi.json' : '/v1/redrives', { headers }));
    }
    expect(answers.map(({ status }) => status)).toEqual([401, 200, 401, 401, 401, 429, 429]);
    expect(answers.at(-1)?.body).toMatchObject({ code: 'rate_limited' });
    expect((await api.get('/v1/redrives')).status).toBe(200);
  });

  it('of one who says who he is are refused, and told when to come again', async () => {
    const first = await api.get('/v1/redrives');
    expect(first.headers.get('ratelimit-policy')).toBe('"minute";q=20;w=60');
    const [, left, seconds] = /^"minute";r=(\d+);t=(\d+)$/.exec(first.headers.get('ratelimit') ?? '') ?? [];
    expect(Number(left)).toBeLessThan(20);
    expect(Number(seconds)).toBeLessThanOrEqual(60);
    for (let request = 0; request < Number(left); request++) {
      expect((await api.get('/v1/redrives')).status).toBe(200);
    }
    const answer = await api.get('/v1/redrives');
    expect(answer).toMatchObject({ status: 429, body: { code: 'rate_limited' } });
    expect(answer.headers.get('content-type')).toBe('application/problem+json');
    expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(answer.headers.get('ratelimit')).toMatch(/^"minute";r=0;t=\d+$/);
    expect((await api.call('POST', '/v1/redrives', { body: {} })).status).toBe(429);
  });
});
