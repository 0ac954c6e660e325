import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Request, Response } from 'express';
import { pino } from 'pino';
import { afterEach, describe, expect, it } from '@jest/globals';
import { eventually } from '../../../../test/harness/eventually.js';
import { setPrincipal } from '../access/principal.js';
import { logRequests } from './request-log.js';

let server: Server | undefined;

afterEach(() => {
  server?.close();
  server?.closeAllConnections();
});

/** Makes one request, and gives the line that was written of it and the answer's headers. */
async function lineOf(answer: RequestListener, init?: RequestInit): Promise<Record<string, unknown>> {
  const lines: Record<string, unknown>[] = [];
  const logger = pino({}, { write: (line) => void lines.push(JSON.parse(line) as Record<string, unknown>) });
  const log = logRequests(logger);
  server = createServer((request, response) => {
    log(request as Request, response as Response, () => {
      answer(request, response);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const response = await fetch(`http://127.0.0.1:${String(port)}/?secret=1`, init).catch(() => undefined);
  const line = await eventually(() => lines[0]);
  expect(JSON.stringify(line)).not.toContain('secret');
  if (response !== undefined) {
    expect(line['requestId']).toBe(response.headers.get('x-request-id'));
  }
  return line;
}

describe('a request of the API', () => {
  it.each([
    [200, 30, 'answered'],
    [404, 30, 'answered'],
    [401, 40, 'refused'],
    [403, 40, 'refused'],
    [503, 40, 'answered'],
  ])('that is answered %i has a line of level %i: %s', async (status, level, msg) => {
    const line = await lineOf((_, response) => response.writeHead(status).end());
    expect(line).toMatchObject({
      level,
      msg,
      status,
      method: 'GET',
      durationMs: expect.any(Number) as unknown,
    });
  });

  it('says who has made it', async () => {
    const line = await lineOf((request, response) => {
      setPrincipal(request as Request, { kind: 'administrator', id: 'admin-key' });
      response.end();
    });
    expect(line).toMatchObject({ principalKind: 'administrator', principalId: 'admin-key' });
  });

  it('has a line also where nobody waited for the answer', async () => {
    const line = await lineOf(() => undefined, { signal: AbortSignal.timeout(200) });
    expect(line).toMatchObject({ level: 30, msg: 'broken off' });
  });
});
