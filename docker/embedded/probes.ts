import { once } from 'node:events';
import { connect } from 'node:net';
import pg from 'pg';

const probeTimeoutMs = 2_000;

/**
 * Asks a broker for its API versions (version 0, no client id): the smallest request that any broker answers,
 * and only once it is ready to work.
 */
export async function probeKafka(host: string, port: number): Promise<void> {
  const request = Buffer.from([0, 0, 0, 10, 0, 18, 0, 0, 0, 0, 0, 1, 0xff, 0xff]);
  const socket = connect({ host, port });
  socket.setTimeout(probeTimeoutMs, () => socket.destroy(new Error(`no answer from ${host}:${port}`)));
  try {
    const closed = once(socket, 'close').then(() => {
      throw new Error(`${host}:${port} closed the connection`);
    });
    socket.write(request);
    const answer = (await Promise.race([once(socket, 'data'), closed])) as [Buffer];
    closed.catch(() => undefined);
    // 4 bytes length, then the correlation id we sent.
    if (answer[0].length < 8 || answer[0].readInt32BE(4) !== 1) throw new Error('not a Kafka broker');
  } finally {
    socket.destroy();
  }
}

export async function probeRegistry(url: string): Promise<void> {
  const response = await fetch(`${url}/subjects`, { signal: AbortSignal.timeout(probeTimeoutMs) });
  if (!response.ok) throw new Error(`status ${response.status}`);
  await response.body?.cancel();
}

export async function probePostgres(url: string): Promise<void> {
  await withPostgres(url, (client) => client.query('SELECT 1'));
}

export async function withPostgres<T>(url: string, use: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: probeTimeoutMs });
  // A server that goes away while nobody waits for an answer is reported here and by the next query.
  client.on('error', () => undefined);
  await client.connect();
  try {
    return await use(client);
  } finally {
    await client.end();
  }
}
