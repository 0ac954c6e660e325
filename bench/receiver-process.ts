import { createServer } from 'node:http';

/**
 * The endpoint of all measurements, a process of its own: answers 200 at once and counts. `GET /count` gives
 * `{received, receipts}`, where receipts are the receipt times (milliseconds since 1970, fractions of a
 * millisecond kept) of the bodies that held a change id, taken out by the call.
 */
let received = 0;
let receipts: [string, number][] = [];
let keepsReceipts = false;

const changeIdPattern = /"change_id":"([^"]+)"/;

const server = createServer((request, response) => {
  if (request.method === 'GET') {
    const query = new URL(request.url ?? '/', 'http://receiver');
    keepsReceipts = query.searchParams.get('receipts') === 'keep';
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify({ received, receipts }));
    receipts = [];
    return;
  }
  const atMs = performance.timeOrigin + performance.now();
  let body = '';
  request.on('data', (chunk: Buffer) => {
    if (keepsReceipts) {
      body += chunk.toString('latin1');
    }
  });
  request.on('end', () => {
    received += 1;
    if (keepsReceipts) {
      receipts.push([changeIdPattern.exec(body)?.[1] ?? '', atMs]);
    }
    response.end();
  });
});

server.keepAliveTimeout = 60_000;
server.listen(0, '127.0.0.1', () => {
  const { port } = server.address() as { port: number };
  process.send?.({ port });
});
