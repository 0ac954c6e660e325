import { createServer, type ServerResponse } from 'node:http';

/**
 * The endpoints of `bench:delivery`, a process of its own. Paths that begin with `/sick` take requests and never
 * answer until `GET /heal`; all others answer 200 at once. `GET /count` gives {@link EndpointCount} and takes the
 * latencies out.
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

const sentAtPattern = /"sent_at":([\d.]+)/;
const count: EndpointCount = { healthy: 0, sick: 0, sickAnswered: 0, latenciesMs: [] };
const waiting = new Set<ServerResponse>();
let healed = false;

const server = createServer((request, response) => {
  if (request.method === 'GET') {
    if (request.url === '/heal') {
      heal();
    }
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify(count));
    count.latenciesMs = [];
    return;
  }
  const isSick = request.url?.startsWith('/sick') === true;
  let head = '';
  request.on('data', (chunk: Buffer) => {
    head ||= chunk.toString('latin1', 0, 64);
  });
  request.on('end', () => {
    if (isSick) {
      takeSick(response);
      return;
    }
    count.healthy += 1;
    const sentAtMs = sentAtPattern.exec(head)?.[1];
    if (sentAtMs !== undefined) {
      count.latenciesMs.push(performance.timeOrigin + performance.now() - Number(sentAtMs));
    }
    response.end();
  });
});

function takeSick(response: ServerResponse): void {
  count.sick += 1;
  if (healed) {
    count.sickAnswered += 1;
    response.end();
    return;
  }
  waiting.add(response);
  response.on('close', () => waiting.delete(response));
}

function heal(): void {
  healed = true;
  for (const response of waiting) {
    response.end();
  }
}

server.keepAliveTimeout = 60_000;
server.listen(0, '127.0.0.1', () => {
  const { port } = server.address() as { port: number };
  process.send?.({ port });
});
