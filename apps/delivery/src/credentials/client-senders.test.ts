import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { AllowList, guardedDispatcher } from '#libs/outbound';
import type { ClientCertificate } from '#libs/subscription';
import {
  certificatePem,
  privateKeyPem,
  type TestCertificate,
} from '../../../../test/harness/certificates.js';
import { eventually } from '../../../../test/harness/eventually.js';
import { startReceiver, type Receiver } from '../../../../test/harness/receiver.js';
import { Sender, type AttemptResult } from '../attempt.js';
import { ClientSenders } from './client-senders.js';
import type { Bounds } from './recently-used.js';

let endpoint: Receiver;
let allowed: string[];
let closed: number;
let senders: ClientSenders;

beforeEach(async () => {
  const tls = {
    cert: certificatePem('receiver'),
    key: privateKeyPem('receiver'),
    ca: certificatePem('authority'),
    requestCert: true,
  };
  endpoint = await startReceiver(200, tls);
  allowed = ['127.0.0.1'];
  closed = 0;
  senders = open({ max: 10, idleMs: 60_000 });
});
afterEach(async () => {
  senders.close();
  await endpoint.close();
});

function open(bounds: Bounds): ClientSenders {
  return new ClientSenders((clientCertificate) => {
    const guard = { allowList: AllowList.parse(allowed), connectTimeoutMs: 2_000, keepAliveMs: 60_000 };
    const dispatcher = guardedDispatcher({ ...guard, clientCertificate });
    const close = async (): Promise<void> => {
      await dispatcher.close();
      closed++;
    };
    return { sender: new Sender(dispatcher), close };
  }, bounds);
}

function certificateOf(name: TestCertificate, authority = certificatePem('authority')): ClientCertificate {
  return { certificatePem: certificatePem(name), privateKeyPem: privateKeyPem(name), caPem: authority };
}

const send = (certificate: ClientCertificate): Promise<AttemptResult> =>
  senders.of(certificate).send({
    origin: new URL(endpoint.url).origin,
    path: '/',
    headers: [],
    body: Buffer.from('x'),
    timeoutMs: 5_000,
  });
const clients = (): unknown[] => endpoint.requests.map(({ clientName }) => clientName);

describe('connections of mutual TLS', () => {
  it('show their certificate, and are never used for another one', async () => {
    for (const name of ['relay', 'other', 'relay', 'other'] as const) {
      expect(await send(certificateOf(name))).toMatchObject({ outcome: 'delivered' });
    }
    expect(clients()).toEqual(['relay of acme', 'another relay', 'relay of acme', 'another relay']);
    expect([endpoint.connections(), senders.size]).toEqual([2, 2]);
  });

  it('trust the given authorities only', async () => {
    const result = await send(certificateOf('relay', certificatePem('other')));
    expect(result.outcome).toBe('failed');
    expect(result.error).toMatch(/^TLS: /);
    const usual = { certificatePem: certificatePem('relay'), privateKeyPem: privateKeyPem('relay') };
    expect((await send(usual)).error).toMatch(/^TLS: /);
    expect(endpoint.requests).toEqual([]);
  });

  it('are behind the guard as all others', async () => {
    allowed = [];
    expect(await send(certificateOf('relay'))).toMatchObject({
      outcome: 'unsendable',
      error: 'the address is not allowed',
    });
    expect(endpoint.connections()).toBe(0);
  });

  it('are closed when they are not used for a while, or when there are too many', async () => {
    senders = open({ max: 1, idleMs: 20 });
    await Promise.all([send(certificateOf('relay')), send(certificateOf('other'))]);
    expect(clients()).toHaveLength(2);
    await eventually(() => closed === 2);
    expect(senders.size).toBe(0);
    expect(await send(certificateOf('relay'))).toMatchObject({ outcome: 'delivered' });
  });

  it('end with all others at a stop', async () => {
    endpoint.answer('hang');
    const sent = send(certificateOf('relay'));
    await eventually(() => endpoint.requests.length === 1);
    senders.abortAll();
    expect(await sent).toMatchObject({ outcome: 'timedOut' });
  });
});
