import { spawn } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { once } from 'node:events';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { checkoutDirectory } from '#embedded';
import { messageOf } from '#libs/process';
import { missingPrograms, pythonWithPackages } from '../warehouse/readers.js';
import {
  connect,
  consumerKey,
  consumerSecret,
  decide,
  oauth1UnderTest,
  shop,
} from '../../apps/control/test/oauth1-under-test.js';

const recipe = join(checkoutDirectory(), 'docs', 'oauth1');
const timeoutMs = 120_000;

/** The Python with the library, or why there is none. */
async function preparePython(): Promise<{ python: string } | { reason: string }> {
  if (missingPrograms(['python3']).length > 0) return { reason: 'python3 not found' };
  return pythonWithPackages(join(recipe, 'requirements.txt')).then(
    (python) => ({ python }),
    (error: unknown) => ({ reason: messageOf(error).slice(0, 200) }),
  );
}

const prepared = await preparePython();
if ('reason' in prepared) console.warn(`SKIPPED: the client requests-oauthlib: ${prepared.reason}`);
const python = 'python' in prepared ? prepared.python : '';

const oauth1 = oauth1UnderTest();

/** Runs a script to its end; `answer` is asked for what to write once something was printed. */
async function runPython(
  script: string,
  env: Record<string, string>,
  answer: (printed: string) => Promise<string | undefined>,
): Promise<string> {
  const child = spawn(python, [script], { env: { ...process.env, ...env } });
  let printed = '';
  let errors = '';
  let isAnswered = false;
  const answerOnce = async (): Promise<void> => {
    const text = isAnswered ? undefined : await answer(printed);
    if (text !== undefined) {
      isAnswered = true;
      child.stdin.end(text);
    }
  };
  child.stdout.on('data', (chunk: Buffer) => {
    printed += chunk.toString();
    void answerOnce();
  });
  child.stderr.on('data', (chunk: Buffer) => (errors += chunk.toString()));
  await answerOnce();
  const [code] = (await once(child, 'close')) as [number | null];
  expect([code, errors]).toEqual([0, '']);
  return printed;
}

('reason' in prepared ? describe.skip : describe)('the client requests-oauthlib', () => {
  it(
    'connects as docs/oauth1/connect.py shows it',
    async () => {
      const { url } = await oauth1.start(await oauth1.stack.freshDatabase());
      const env = { RELAY_URL: url, CONSUMER_KEY: consumerKey, CONSUMER_SECRET: consumerSecret };
      const printed = await runPython(join(recipe, 'connect.py'), env, async (soFar) => {
        const token = /authorize\?oauth_token=([\w-]+)\n/.exec(soFar)?.[1];
        if (token === undefined) return undefined;
        const page = await (await decide(url, token)).text();
        return `${/<code>(\w+)<\/code>/.exec(page)?.[1] ?? ''}\n`;
      });
      expect(printed).toMatch(/^oauth_token o1t_\w+$/m);
      expect(printed).toContain("'applicationName': 'Shop & Co'");
    },
    timeoutMs,
  );

  it(
    'is understood in all methods and places, with odd characters, bodies of all kinds, and after a revocation',
    async () => {
      const keys = generateKeyPairSync('rsa', {
        modulusLength: 2048,
        privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
        publicKeyEncoding: { type: 'spki', format: 'pem' },
      });
      oauth1.consumers.set(consumerKey, { ...shop, rsaPublicKeyPem: keys.publicKey });
      const { url, apiUrl } = await oauth1.start(await oauth1.stack.freshDatabase());
      const token = await connect(url);
      const given = JSON.stringify({
        url,
        apiUrl,
        consumerKey,
        consumerSecret,
        rsaKey: keys.privateKey,
        token: token.key,
        tokenSecret: token.secret,
      });
      const script = join(checkoutDirectory(), 'test', 'e2e', 'oauth1_client.py');
      const printed = await runPython(script, {}, () => Promise.resolve(given));
      const right = {
        who: 200,
        twoLegged: 200,
        query: 'verified',
        form: 'verified',
        json: 'verified',
        delete: 'verified',
        inQuery: 200,
        inForm: 'verified',
      };
      expect(JSON.parse(printed)).toEqual({
        'HMAC-SHA1': right,
        'HMAC-SHA256': right,
        'RSA-SHA1': right,
        PLAINTEXT: 'oauth1_method_refused',
        unsignedBody: 'oauth1_body_unsigned',
        revoked: [204, 401],
      });
    },
    timeoutMs,
  );
});
