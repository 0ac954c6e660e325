import { generateKeyPairSync } from 'node:crypto';
import { Agent, request as httpRequest } from 'node:http';
import {
  connect,
  consumerKey,
  consumerSecret,
  shop,
  type OAuth1UnderTest,
} from '../../apps/control/test/oauth1-under-test.js';
import { Chance, mutated, rightRequest, type SigningParty, type WireRequest } from './oauth1-mutations.js';

const concurrent = 4;
/** Of so many that were changed, one is sent unchanged too: it has to be accepted. */
const oneRightIn = 20;

export interface MutationRun {
  sent: number;
  kinds: number;
  /** Changed ones that were accepted: there must be none. */
  accepted: string[];
  /** Unchanged ones that were refused: there must be none. */
  wronglyRefused: string[];
  /** How long a refusal took. */
  p99Ms: number;
}

/** Sends requests over HTTP that were signed rightly and changed then, each in one way. */
export async function sendMutated(
  oauth1: OAuth1UnderTest,
  count: number,
  seed: number,
): Promise<MutationRun> {
  const instance = await oauth1.start(await oauth1.stack.freshDatabase());
  const keys = generateKeyPairSync('rsa', {
    modulusLength: 2048,
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
    publicKeyEncoding: { type: 'spki', format: 'pem' },
  });
  oauth1.consumers.set(consumerKey, { ...shop, rsaPublicKeyPem: keys.publicKey });
  const party = {
    origin: instance.apiUrl,
    consumerKey,
    consumerSecret,
    rsaPrivateKeyPem: keys.privateKey,
    rsaPublicKeyPem: keys.publicKey,
  };
  const parties: SigningParty[] = [
    { ...party, token: await connect(instance.url) },
    { ...party, token: undefined },
  ];
  const sender = new Sender(instance.apiUrl, parties, seed);
  await Promise.all(Array.from({ length: concurrent }, () => sender.sendUntil(count)));
  return sender.result();
}

class Sender {
  private readonly chance: Chance;
  private readonly agent = new Agent({ keepAlive: true, maxSockets: concurrent });
  private readonly kinds = new Set<string>();
  private readonly durationsMs: number[] = [];
  private readonly accepted: string[] = [];
  private readonly wronglyRefused: string[] = [];
  private sent = 0;

  constructor(
    private readonly url: string,
    private readonly parties: readonly SigningParty[],
    seed: number,
  ) {
    this.chance = new Chance(seed);
  }

  async sendUntil(count: number): Promise<void> {
    while (this.sent < count) {
      this.sent += 1;
      const party = this.chance.of(this.parties);
      const right = rightRequest(this.chance, party);
      const { kind, request } = mutated(right, this.chance, party);
      this.kinds.add(kind);
      const isWithRight = this.sent % oneRightIn === 0;
      const startedMs = performance.now();
      const isAccepted = await this.isAccepted(request);
      this.durationsMs.push(performance.now() - startedMs);
      if (isAccepted) {
        this.accepted.push(`${kind}: ${JSON.stringify({ right, request })}`);
      }
      if (isWithRight && !(await this.isAccepted(right))) {
        this.wronglyRefused.push(JSON.stringify({ right, request }));
      }
    }
  }

  result(): MutationRun {
    this.agent.destroy();
    const sorted = this.durationsMs.sort((one, other) => one - other);
    const { sent, kinds, accepted, wronglyRefused } = this;
    const p99Ms = sorted[Math.floor(sorted.length * 0.99)] ?? 0;
    return { sent, kinds: kinds.size, accepted, wronglyRefused, p99Ms };
  }

  /** The request line and the headers stand as given. */
  private isAccepted({ method, target, contentType, body, authorization }: WireRequest): Promise<boolean> {
    return new Promise((resolve, reject) => {
      const headers = {
        authorization,
        'content-length': String(Buffer.byteLength(body)),
        ...(contentType === '' ? {} : { 'content-type': contentType }),
      };
      const sent = httpRequest(this.url, { method, path: target, headers, agent: this.agent }, (response) => {
        let text = '';
        response.on('data', (chunk: Buffer) => (text += chunk.toString()));
        response.on('end', () => {
          resolve(text.includes('"kind":"verified"'));
        });
      });
      sent.on('error', reject).end(body);
    });
  }
}
