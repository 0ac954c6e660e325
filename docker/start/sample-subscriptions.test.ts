import { mkdtemp, rm, stat } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { ControlClient } from './control-client.js';
import { readOrMakeSecrets } from './run-files.js';
import { rememberedReceiverPort, subscribeSamples } from './sample-subscriptions.js';

interface Stored {
  id: string;
  database: string;
  url: string;
  state: string;
}

let directory: string;
let file: string;
let server: Server;
let control: ControlClient;
/** What the control at the other end holds, and what it was asked. */
let stored: Map<string, Stored>;
let asked: string[];

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'sample-'));
  file = join(directory, 'sample.json');
  stored = new Map();
  asked = [];
  server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const text = Buffer.concat(chunks).toString();
      const body = text === '' ? {} : (JSON.parse(text) as Partial<Stored>);
      const { status, answer } = answerTo(request.method ?? '', request.url ?? '', body);
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(answer));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  control = new ControlClient(`http://127.0.0.1:${(server.address() as AddressInfo).port}`, 'key');
});

afterEach(async () => {
  server.closeAllConnections();
  server.close();
  await rm(directory, { recursive: true });
});

describe('the sample subscriptions', () => {
  it('are made once and found again by the next start, with their secrets', async () => {
    const first = await subscribeSamples(control, file, receiverAt(4000), 'shop');
    asked = [];
    const second = await subscribeSamples(control, file, receiverAt(4000), 'shop');
    expect(second).toEqual(first);
    expect(first.map(({ eventType, format, secret }) => [eventType, format, secret])).toEqual([
      ['product.created', 'json', 'whsec_1'],
      ['stock.quantity_changed', 'xml', 'whsec_2'],
      ['sale.order.confirmed', 'json', 'whsec_3'],
    ]);
    expect(asked.filter((line) => /^(POST|PATCH|DELETE)/.test(line))).toEqual([]);
    expect(await rememberedReceiverPort(file)).toBe(4000);
    expect((await stat(file)).mode & 0o777).toBe(0o600);
  });

  it('follow the receiver to another port, and are switched on again', async () => {
    const [products] = await subscribeSamples(control, file, receiverAt(4000), 'shop');
    const disabled = stored.get(products?.id ?? '');
    Object.assign(disabled ?? {}, { state: 'disabled' });
    await subscribeSamples(control, file, receiverAt(5000), 'shop');
    expect([...stored.values()].map(({ url, state }) => [url, state])).toEqual([
      ['http://127.0.0.1:5000/products', 'active'],
      ['http://127.0.0.1:5000/stock', 'active'],
      ['http://127.0.0.1:5000/orders', 'active'],
    ]);
  });

  it('are made anew when control has lost them', async () => {
    await subscribeSamples(control, file, receiverAt(4000), 'shop');
    stored.clear();
    await subscribeSamples(control, file, receiverAt(4000), 'shop');
    expect(stored.size).toBe(3);
  });

  it('whose secrets are lost are deleted; those of somebody else are left alone', async () => {
    await subscribeSamples(control, file, receiverAt(4000), 'shop');
    stored.set('mine', {
      id: 'mine',
      database: 'shop',
      url: 'https://example.com/products',
      state: 'active',
    });
    await rm(file);
    await subscribeSamples(control, file, receiverAt(4000), 'shop');
    expect([...stored.keys()]).toEqual(['mine', 'sub_4', 'sub_5', 'sub_6']);
  });
});

describe('the secrets of a checkout', () => {
  it('are made once, long enough, and for nobody else to read', async () => {
    const path = join(directory, 'secrets.json');
    const secrets = await readOrMakeSecrets(path);
    expect(await readOrMakeSecrets(path)).toEqual(secrets);
    expect(Buffer.from(secrets.secretsKey, 'base64')).toHaveLength(32);
    expect(secrets.adminKey.length).toBeGreaterThanOrEqual(32);
    expect((await stat(path)).mode & 0o777).toBe(0o600);
  });
});

function receiverAt(port: number): { port: number; urlOf(path: string): string } {
  return { port, urlOf: (path) => `http://127.0.0.1:${port}${path}` };
}

function answerTo(method: string, url: string, body: Partial<Stored>): { status: number; answer: unknown } {
  asked.push(`${method} ${url}`);
  const [path = ''] = url.split('?');
  const [, , collection, id = '', action] = path.split('/');
  if (collection === 'databases') {
    return { status: 200, answer: {} };
  }
  if (id === '') {
    return method === 'POST' ? created(body) : { status: 200, answer: { data: [...stored.values()] } };
  }
  const found = stored.get(id);
  if (found === undefined) {
    return { status: 404, answer: {} };
  }
  if (method === 'DELETE') {
    stored.delete(id);
  } else {
    Object.assign(found, body, action === 'enable' ? { state: 'active' } : {});
  }
  return { status: 200, answer: found };
}

let made = 0;

function created(body: Partial<Stored>): { status: number; answer: unknown } {
  const number = ++made;
  const subscription = { id: `sub_${number}`, database: 'shop', url: '', state: 'active', ...body };
  stored.set(subscription.id, subscription);
  return { status: 201, answer: { ...subscription, secret: `whsec_${number}` } };
}

beforeEach(() => {
  made = 0;
});
