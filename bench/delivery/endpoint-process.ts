import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';

/**
 * The endpoints of `bench:delivery` and `soak`, a process of its own. The first part of a path says how it behaves:
 * `/sick…` takes requests and never answers until `GET /heal?path=/sick…`; `/fail` says 500, `/reset` breaks the
 * connection, `/slow` waits 300 ms, `/large` answers with 200 kB; all others answer 200 at once. `GET /count` gives
 * {@link EndpointCount} and takes the latencies out.
 */
export interface EndpointCount {
  /** Requests to healthy paths since the start. */
  healthy: number;
  /** Requests to `/sick…` since the start, answered or not. */
  sick: number;
  sickAnswered: number;
  /** Of requests to healthy paths whose body tells when it was written, milliseconds. */
  latenciesMs: number[];
}

const slowMs = 300;
const largeBody = 'x'.repeat(200_000);
const sentAtPattern = /"sent_at":([\d.]+)/;
const count: EndpointCount = { healthy: 0, sick: 0, sickAnswered: 0, latenciesMs: [] };
const waiting = new Map<ServerResponse, string>();
const healed = new Set<string>();

const server = createServer((request, response) => {
  if (request.method === 'GET') {
    answerQuestion(request, response);
    return;
  }
  let head = '';
  request.on('data', (chunk: Buffer) => {
    head ||= chunk.toString('latin1', 0, 64);
  });
  request.on('end', () => {
    take(request.url ?? '', head, request, response);
  });
});

function answerQuestion(request: IncomingMessage, response: ServerResponse): void {
  const url = new URL(request.url ?? '/', 'http://endpoint');
  if (url.pathname === '/heal') {
    heal(url.searchParams.get('path') ?? '');
  }
  response.setHeader('content-type', 'application/json');
  response.end(JSON.stringify(count));
  count.latenciesMs = [];
}

function take(path: string, head: string, request: IncomingMessage, response: ServerResponse): void {
  if (path.startsWith('/sick')) {
    takeSick(path, response);
  } else if (path === '/fail') {
    response.writeHead(500).end('out of order');
  } else if (path === '/reset') {
    request.socket.resetAndDestroy();
  } else if (path === '/slow') {
    setTimeout(() => response.end(), slowMs);
  } else if (path === '/large') {
    response.end(largeBody);
  } else {
    takeHealthy(head);
    response.end();
  }
}

function takeHealthy(head: string): void {
  count.healthy += 1;
  const sentAtMs = sentAtPattern.exec(head)?.[1];
  if (sentAtMs !== undefined) {
    count.latenciesMs.push(performance.timeOrigin + performance.now() - Number(sentAtMs));
  }
}

function takeSick(path: string, response: ServerResponse): void {
  count.sick += 1;
  if (healed.has(path)) {
    count.sickAnswered += 1;
    response.end();
    return;
  }
  waiting.set(response, path);
  response.on('close', () => waiting.delete(response));
}

function heal(path: string): void {
  healed.add(path);
  for (const [response, waitingPath] of waiting) {
    if (waitingPath === path) {
      count.sickAnswered += 1;
      response.end();
    }
  }
}

server.keepAliveTimeout = 60_000;
server.listen(0, '127.0.0.1', () => {
  const { port } = server.address() as { port: number };
  process.send?.({ port });
});
