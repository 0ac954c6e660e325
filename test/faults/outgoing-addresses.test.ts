import { once } from 'node:events';
import { createServer, type AddressInfo, type Server } from 'node:net';
import { networkInterfaces } from 'node:os';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { AllowList, checkUrl, type GuardOptions } from '#libs/outbound';
import { parseUrl } from '#libs/process';
import { answer, says, startRawEndpoint } from '../harness/raw-endpoint.js';
import { TestSender } from '../harness/test-sender.js';
import {
  disguises,
  notations,
  poisonedAnswers,
  poisonedIpv6Answers,
  privateIpv4,
  privateIpv6,
  privateNames,
  publicHosts,
  publicPorts,
} from './outgoing-variants.js';

/** Listen where nobody may come, at the same port of every address that this machine has. */
const canaries: Server[] = [];
let port = 0;
let arrivals = 0;
let variants = 0;
let senders: TestSender[] = [];
const nobody = AllowList.parse([]);

beforeAll(async () => {
  await canary('127.0.0.1');
  const own = Object.values(networkInterfaces()).flatMap((each) => each ?? []);
  for (const { address, scopeid } of own) {
    if (address !== '127.0.0.1' && !scopeid) await canary(address);
  }
});
afterAll(() => {
  for (const server of canaries) server.close();
});
afterEach(async () => {
  await Promise.all(senders.map((sender) => sender.close()));
  senders = [];
  if (arrivals > 0) throw new Error(`${arrivals} connections reached a canary.`);
});

async function canary(address: string): Promise<void> {
  const server = createServer((socket) => {
    arrivals++;
    socket.destroy();
  });
  server.listen(port, address);
  await once(server, 'listening');
  port = (server.address() as AddressInfo).port;
  canaries.push(server);
}

function sender(options: Partial<GuardOptions> = {}): TestSender {
  const made = new TestSender({ allowList: nobody, ...options });
  senders.push(made);
  return made;
}

/** It is refused when it is entered, and when it is sent nevertheless, it is not dialled. */
async function expectRefused(url: string, from: TestSender): Promise<void> {
  variants++;
  expect([url, checkUrl(url, nobody).kind]).toEqual([url, 'refused']);
  const parsed = parseUrl(url);
  if (parsed?.protocol === 'http:' || parsed?.protocol === 'https:')
    await expectNotDialled(parsed.href, from);
}

async function expectNotDialled(url: string, from: TestSender): Promise<void> {
  const { outcome, error, response } = await from.attempt(url);
  expect([url, outcome, error, response]).toEqual([url, 'unsendable', 'the address is not allowed', null]);
}

/** A resolver that says these one after the other, and then the last again and again. */
function resolvesTo(...answers: readonly (readonly string[])[]) {
  let turn = 0;
  return () => Promise.resolve(answers[Math.min(turn++, answers.length - 1)] ?? []);
}

describe('R13: nothing reaches the canaries', () => {
  it('which are reached where they are allowed', async () => {
    const open = sender({ allowList: AllowList.parse(['127.0.0.0/8']), resolve: resolvesTo(['127.0.0.1']) });
    const attempts = ['127.0.0.1', '0x7f.1', '2130706433', 'a.example.com'].map((host) =>
      open.attempt(`http://${host}:${port}/`),
    );
    for (const { outcome } of await Promise.all(attempts)) expect(outcome).toBe('failed');
    expect(arrivals).toBe(4);
    arrivals = 0;
  });

  it.each(privateIpv4)('faults 73, 74, 75: %s in every notation', async (address) => {
    const guarded = sender({ resolve: resolvesTo([address]) });
    for (const host of notations(address)) {
      await expectRefused(`http://${host}:${port}/`, guarded);
      await expectRefused(`https://${host}:${port}/x?y`, guarded);
    }
  });

  it.each(privateIpv6)('fault 74: %s', async (host) => {
    const guarded = sender();
    await expectRefused(`http://${host}:${port}/`, guarded);
    await expectRefused(`https://${host}:${port}/`, guarded);
    for (const zone of ['%25eth0', '%eth0', '%251', '%25']) {
      await expectRefused(`http://${host.replace(']', `${zone}]`)}:${port}/`, guarded);
    }
  });

  it.each(privateNames)('fault 76: %s, whatever its address', async (name) => {
    const guarded = sender({ resolve: resolvesTo(['93.184.216.34']) });
    await expectRefused(`http://${name}:${port}/`, guarded);
    await expectRefused(`https://${name}/`, guarded);
  });

  it.each(['127.0.0.1', '0x7f000001', '[::1]', 'localhost', '10.0.0.1'])(
    'fault 77: %s in disguise',
    (host) => {
      for (const url of disguises(`${host}:${port}`)) {
        variants++;
        const allowed = checkUrl(url, nobody).kind === 'allowed';
        expect([url, allowed]).toEqual([url, false]);
      }
    },
  );

  it.each([
    0, 1, 19, 21, 22, 23, 25, 53, 110, 143, 389, 445, 465, 587, 993, 2375, 3306, 5432, 6379, 9092, 9200,
    11211,
  ])('fault 78: port %d, also of a public address', async (other) => {
    const guarded = sender({ resolve: resolvesTo(['93.184.216.34']) });
    for (const host of ['8.8.8.8', '[2606:4700:4700::1111]', 'shop.example.com', '127.0.0.1']) {
      await expectRefused(`http://${host}:${other}/`, guarded);
      await expectRefused(`https://${host}:${other}/`, guarded);
    }
  });

  it('faults 79, 80: a public name of which one address is private, wherever it stands', async () => {
    for (const addresses of [...poisonedAnswers, ...poisonedIpv6Answers]) {
      variants++;
      const guarded = sender({ resolve: resolvesTo(addresses) });
      expect(checkUrl(`http://shop.example.com:${port}/`, nobody).kind).toBe('allowed');
      await expectNotDialled(`http://shop.example.com:${port}/`, guarded);
      await expectNotDialled(`https://shop.example.com:${port}/`, guarded);
    }
  });

  it.each([301, 302, 303, 307, 308])('behind a redirect with status %d', async (status) => {
    const redirecting = await startRawEndpoint();
    const open = sender({ allowList: AllowList.parse([`127.0.0.1:${redirecting.port}`]) });
    const hosts = ['127.0.0.1', '0.0.0.0', '127.1.2.3'].flatMap(notations).concat(privateIpv6);
    for (const host of hosts) {
      variants++;
      redirecting.play(says(answer(`${status} Moved`, '', `location: http://${host}:${port}/\r\n`)));
      expect(await open.attempt(redirecting.origin)).toMatchObject({ outcome: 'failed', status });
    }
    await redirecting.close();
  });

  it('by a name whose address changes', async () => {
    const standIn = await startRawEndpoint();
    standIn.play(says(answer('200 OK', 'the stand-in', 'connection: close\r\n')));
    const allowList = AllowList.parse([`127.0.0.1:${standIn.port}`]);
    for (const address of privateIpv4.filter((each) => each !== '127.0.0.1')) {
      variants++;
      let looks = 0;
      const turning = resolvesTo(['127.0.0.1'], [address], ['127.0.0.1', address]);
      const guarded = sender({ allowList, resolve: () => (looks++, turning()) });
      const url = `http://rebind.example.com:${standIn.port}/`;
      // One look for the check and the dial: there is no time between them to turn in.
      expect(await guarded.attempt(url)).toMatchObject({ outcome: 'delivered' });
      expect(looks).toBe(1);
      await expectNotDialled(url, guarded);
      await expectNotDialled(url, guarded);
    }
    await standIn.close();
  });

  it('in at least 1,000 variants', () => {
    expect(variants).toBeGreaterThanOrEqual(1_000);
  });

  it('while at least 50 public forms are accepted', () => {
    const accepted = publicHosts.flatMap((host) =>
      publicPorts.flatMap((each) => [`https://${host}${each}/hook?a=b`, `http://${host}${each}`]),
    );
    for (const url of accepted) expect([url, checkUrl(url, nobody).kind]).toEqual([url, 'allowed']);
    expect(accepted.length).toBeGreaterThanOrEqual(50);
  });
});

describe('HTTPS_ONLY and ALLOWED_PORTS', () => {
  it('hold at the dial, whoever let the URL pass before', async () => {
    const settings = { ALLOWED_RECEIVERS: ['127.0.0.1'], ALLOWED_PORTS: ['8443'], HTTPS_ONLY: true };
    const guarded = sender({ allowList: AllowList.of(settings), resolve: resolvesTo(['93.184.216.34']) });
    const plain = await guarded.attempt(`http://127.0.0.1:${port}/`);
    expect(plain).toMatchObject({ outcome: 'unsendable', error: expect.stringContaining('HTTPS_ONLY') });
    await expectNotDialled('https://shop.example.com/', guarded);
    await expectNotDialled('https://8.8.8.8/', guarded);
  });
});

describe('fault 84: what is refused tells nothing of what stands behind it', () => {
  it('an open port, a closed one, a host that is not there and a name: all the same, and no dial', async () => {
    const guarded = sender({ resolve: resolvesTo(['127.0.0.1']) });
    const seen = new Set<string>();
    for (const target of [
      `127.0.0.1:${port}`,
      '127.0.0.1:1',
      '10.255.255.1',
      `db.example.com:${port}`,
      'db.example.com',
    ]) {
      const { durationMs, ...rest } = await guarded.attempt(`http://${target}/`);
      seen.add(JSON.stringify(rest));
      expect(durationMs).toBeLessThan(10_000);
    }
    expect([...seen]).toEqual([
      JSON.stringify({
        outcome: 'unsendable',
        status: null,
        error: 'the address is not allowed',
        response: null,
      }),
    ]);
  });

  it('an address literal is refused without asking a resolver', async () => {
    let asked = 0;
    const guarded = sender({ resolve: () => Promise.resolve((asked++, ['93.184.216.34'])) });
    for (const address of privateIpv4) await guarded.attempt(`http://${address}:${port}/`);
    expect(asked).toBe(0);
  });
});
