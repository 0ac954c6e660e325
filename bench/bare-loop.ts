import { Pool } from 'undici';

/**
 * What the machine can do at best: the same body to the same receiver with the same client, and nothing else.
 * Arguments: receiver URL, number of requests, requests in flight. Prints `{perSecond, cpuMsPerRequest}`.
 */
const [url = '', count = '20000', inFlight = '32'] = process.argv.slice(2);
const total = Number(count);
const body = Buffer.from(JSON.stringify({ type: 'stock.quantity_changed', data: { text: 'x'.repeat(900) } }));
const pool = new Pool(url, { connections: Number(inFlight), pipelining: 1 });

async function send(): Promise<void> {
  const response = await pool.request({
    method: 'POST',
    path: '/bare',
    headers: { 'content-type': 'application/json' },
    body,
  });
  await response.body.dump();
}

async function run(requests: number): Promise<void> {
  let started = 0;
  const worker = async (): Promise<void> => {
    while (started < requests) {
      started += 1;
      await send();
    }
  };
  await Promise.all(Array.from({ length: Number(inFlight) }, worker));
}

await run(2_000);
const cpuBefore = process.cpuUsage();
const before = performance.now();
await run(total);
const seconds = (performance.now() - before) / 1000;
const cpu = process.cpuUsage(cpuBefore);
await pool.close();
process.stdout.write(
  `${JSON.stringify({ perSecond: total / seconds, cpuMsPerRequest: (cpu.user + cpu.system) / 1000 / total })}\n`,
);
