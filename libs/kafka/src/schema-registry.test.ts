import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from '@jest/globals';
import { delay, RelayError } from '#libs/process';
import { silentLogger } from '#libs/telemetry';
import { testStack } from '../../../test/harness/stack.js';
import { startTcpProxy, type TcpProxy } from '../../../test/harness/tcp-proxy.js';
import { SchemaRegistry, type AvroSchema } from './index.js';

const stack = testStack();
const cleanUps: (() => Promise<void> | void)[] = [];
let topics = 0;

afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0)) {
    await cleanUp();
  }
});

const registryAt = (url: string): SchemaRegistry =>
  new SchemaRegistry({ url, topicPrefix: stack.topicPrefix, logger: silentLogger });
const registry = (): SchemaRegistry => registryAt(stack.schemaRegistryUrl);
const freshTopic = (): string => `schema-${++topics}`;

const row = (...fields: unknown[]): AvroSchema => ({ type: 'record', name: 'Row', namespace: 'n', fields });
const id = { name: 'id', type: 'long', doc: 'the record' };

async function registryProxy(): Promise<{ url: string; proxy: TcpProxy }> {
  const { hostname, port, pathname } = new URL(stack.schemaRegistryUrl);
  const proxy = await startTcpProxy({ target: { host: hostname, port: Number(port) } });
  cleanUps.push(() => proxy.close());
  return { url: `http://${proxy.address}${pathname}`, proxy };
}

async function fakeRegistry(answer: RequestListener): Promise<string> {
  const server: Server = createServer(answer);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  cleanUps.push(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

function withId(schemaId: number): Buffer {
  const bytes = Buffer.alloc(6);
  bytes.writeInt32BE(schemaId, 1);
  return bytes;
}

describe('a registered schema', () => {
  it('has one id, where several instances that start together register it at the same time', async () => {
    const topic = freshTopic();
    const codecs = await Promise.all(
      Array.from({ length: 12 }, () => registry().register(topic, 'value', row(id))),
    );
    expect(new Set(codecs.map(({ schemaId }) => schemaId)).size).toBe(1);
  });

  it('writes what others read, with the schema as it was registered', async () => {
    const topic = freshTopic();
    const schema = row(id, { name: 'name', type: ['null', 'string'], default: null });
    const codec = await registry().register(topic, 'value', schema);
    const bytes = codec.encode({ id: 2n ** 53n + 1n, name: 'ä' });
    const reader = registry();
    expect(reader.decodeKnown(bytes)).toBeUndefined();
    const decoded = await reader.decode(bytes);
    expect(decoded).toMatchObject({ kind: 'decoded', schemaId: codec.schemaId, schema });
    expect(decoded).toMatchObject({ value: { id: 9007199254740993n, name: 'ä' } });
    expect(reader.decodeKnown(bytes)).toEqual(decoded);
  });

  it('keeps its id when it is registered again', async () => {
    const topic = freshTopic();
    const first = await registry().register(topic, 'key', row(id));
    const second = await registry().register(topic, 'key', row(id));
    expect(second.schemaId).toBe(first.schemaId);
  });

  it('fault 33: may grow by nullable columns, and is refused before anything is sent when it cannot read what is written', async () => {
    const topic = freshTopic();
    await registry().register(topic, 'value', row(id));
    await registry().register(
      topic,
      'value',
      row(id, { name: 'more', type: ['null', 'int'], default: null }),
    );
    const readers = registry();
    const refused = readers.register(topic, 'value', row({ name: 'id', type: 'string' }));
    await expect(refused).rejects.toMatchObject({ code: 'SCHEMA_INCOMPATIBLE' });
    await expect(refused).rejects.toThrow(`${stack.topicPrefix}${topic}-value`);
    expect(await readers.versions(topic, 'value')).toHaveLength(2);
  });

  it('refuses values it cannot hold and names the field', async () => {
    const amount = {
      name: 'amount',
      type: { type: 'bytes', logicalType: 'decimal', precision: 5, scale: 2 },
    };
    const codec = await registry().register(freshTopic(), 'value', row(id, amount));
    const encode = (): Buffer => codec.encode({ id: 1n, amount: '1.234' });
    expect(encode).toThrow(RelayError);
    expect(encode).toThrow(/amount of .* cannot be written/);
    expect(() => codec.encode({ id: 'x', amount: '1' })).toThrow(
      expect.objectContaining({ code: 'VALUE_NOT_REPRESENTABLE' }),
    );
  });
});

describe('bytes that are no record of a known schema', () => {
  it('are unreadable when they are too short or begin otherwise (faults 25, 26)', async () => {
    for (const bytes of [Buffer.alloc(0), Buffer.from([0]), Buffer.alloc(4), Buffer.from('{"id":1}')]) {
      expect(registry().decodeKnown(bytes)).toMatchObject({ kind: 'unreadable' });
      expect(await registry().decode(bytes)).toMatchObject({ kind: 'unreadable' });
    }
  });

  it('are unreadable when they do not match their schema', async () => {
    const codec = await registry().register(freshTopic(), 'value', row(id));
    const bytes = codec.encode({ id: 1n });
    for (const broken of [bytes.subarray(0, 5), Buffer.concat([bytes, Buffer.from([1])])]) {
      expect(await registry().decode(broken)).toMatchObject({ kind: 'unreadable' });
    }
  });

  it('fault 30: are unreadable when the registry confirms that it has no such schema', async () => {
    expect(await registry().decode(withId(2_000_000_000))).toEqual({
      kind: 'unreadable',
      reason: 'the registry has no schema 2000000000',
    });
  });

  it('fault 31: of one unknown schema cost one question, and many different ones hardly more than one a second', async () => {
    let questions = 0;
    const url = await fakeRegistry((_, response) => {
      questions++;
      response
        .writeHead(404, { 'content-type': 'application/json' })
        .end('{"error_code":40403,"message":"not found"}');
    });
    const reader = registryAt(url);
    await Promise.all(Array.from({ length: 1_000 }, () => reader.decode(withId(7))));
    expect(reader.decodeKnown(withId(7))).toMatchObject({ kind: 'unreadable' });
    expect(questions).toBe(1);
    const flood = Array.from({ length: 7 }, (_, each) => reader.decode(withId(100 + each)));
    await Promise.all(flood.slice(0, 4));
    await delay(100);
    expect(questions).toBeLessThanOrEqual(6);
    await Promise.all(flood);
    expect(questions).toBe(8);
  });
});

describe('a registry that does not answer', () => {
  it('fault 30: is waited for, as nothing is called unreadable before the registry has said so', async () => {
    const answers: RequestListener[] = [
      (_, response) => response.writeHead(500).end('{"error_code":50001}'),
      (_, response) => response.writeHead(404).end('<html>not this server</html>'),
      (_, response) =>
        response.writeHead(404, { 'content-type': 'application/json' }).end('{"error":"no route"}'),
      (request) => request.socket.destroy(),
    ];
    for (const answer of answers) {
      const decoding = registryAt(await fakeRegistry(answer)).decode(withId(1));
      await expect(decoding).rejects.toMatchObject({ code: 'REGISTRY_UNAVAILABLE' });
      await expect(decoding).rejects.toThrow(/SCHEMA_REGISTRY_URL/);
    }
  });

  it('is named when a schema is to be registered', async () => {
    const nowhere = registryAt('http://127.0.0.1:1/apis');
    await expect(nowhere.register(freshTopic(), 'key', row(id))).rejects.toMatchObject({
      code: 'REGISTRY_UNAVAILABLE',
    });
  });

  it('fault 32: is not needed for schemas that are known, read or registered, and asked again when it is back', async () => {
    const { url, proxy } = await registryProxy();
    const codec = await registry().register(freshTopic(), 'value', row(id));
    const other = await registry().register(freshTopic(), 'value', row(id, { name: 'b', type: 'int' }));
    const reader = registryAt(url);
    await reader.decode(codec.encode({ id: 1n }));
    const topic = freshTopic();
    const { schemaId } = await reader.register(topic, 'value', row(id));
    proxy.block();
    expect((await reader.register(topic, 'value', row(id))).schemaId).toBe(schemaId);
    expect(reader.decodeKnown(codec.encode({ id: 2n }))).toMatchObject({
      kind: 'decoded',
      value: { id: 2n },
    });
    const unknown = other.encode({ id: 3n, b: 1 });
    await expect(reader.decode(unknown)).rejects.toMatchObject({ code: 'REGISTRY_UNAVAILABLE' });
    proxy.restore();
    expect(await reader.decode(unknown)).toMatchObject({ kind: 'decoded', value: { id: 3n, b: 1 } });
  });
});
