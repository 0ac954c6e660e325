import { randomBytes } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { AllowList } from '#libs/outbound';
import {
  defaultDeliverySettings,
  encryptSecret,
  SecretsKey,
  basicSubscription,
  urlHash,
} from '#libs/subscription';
import type { Subscription, SubscriptionState } from '#libs/subscription';
import type { Credentials } from './credentials/open-credentials.js';
import { Receivers, type FoundReceiver } from './receivers.js';
import { UnknownSubscriptions } from './unknown-subscriptions.js';

const newKey = (): SecretsKey => SecretsKey.fromBase64(randomBytes(32).toString('base64'));
const key = newKey();
const encrypted = (plain: string, by = key): string => encryptSecret(by, plain);

const subscription: Subscription = {
  id: 's',
  applicationId: 'a',
  database: 'acme',
  eventTypes: [],
  format: 'json',
  url: 'https://shop.example.com/hook?x=1',
  secrets: [encrypted('whsec_AAAA')],
  enabled: true,
  enabledEpoch: 2,
  sinceMs: 0n,
  settings: defaultDeliverySettings,
  ...basicSubscription,
};
const disabledState: SubscriptionState = {
  subscriptionId: 's',
  state: 'disabled',
  enabledEpoch: 2,
  consecutiveDead: 5,
  countedWebhookIds: [],
  attemptsOffset: 0n,
  sinceMs: 0n,
  reason: null,
  breaker: null,
};

const oauth2 = {
  type: 'oauth2ClientCredentials',
  tokenUrl: 'https://login.example.com/token',
  clientId: 'c',
  clientSecret: 's',
  clientAuthentication: 'basic',
};

function find(changes: Partial<Subscription> | null, state?: SubscriptionState): FoundReceiver {
  const view = {
    subscription: () => (changes === null ? undefined : { ...subscription, ...changes }),
    state: () => state,
  };
  return new Receivers(view, key, AllowList.parse([])).find('s');
}

describe('the receiver of a subscription', () => {
  it('is its address and its secrets, opened', () => {
    expect(find({ secrets: [encrypted('whsec_AAAA'), encrypted('whsec_BBBB')] })).toMatchObject({
      kind: 'receiver',
      origin: 'https://shop.example.com',
      path: '/hook?x=1',
      urlHash: urlHash('https://shop.example.com/hook?x=1'),
      signingKeys: [Buffer.from('AAAA', 'base64'), Buffer.from('BBBB', 'base64')],
    });
  });

  it('is unknown, disabled by its owner or disabled by us', () => {
    expect(find(null).kind).toBe('unknown');
    expect(find({ enabled: false }).kind).toBe('disabled');
    expect(find({}, disabledState).kind).toBe('disabled');
    expect(find({}, { ...disabledState, enabledEpoch: 1 }).kind).toBe('receiver');
    expect(find({}, { ...disabledState, state: 'failing' }).kind).toBe('receiver');
  });

  it.each([
    ['a private address', { url: 'http://10.0.0.1/' }, 'the address is not allowed'],
    ['no URL', { url: 'nonsense' }, 'it is not a valid URL'],
    ['no secret', { secrets: [] }, 'the subscription has no signing secret'],
    [
      'a secret that is none',
      { secrets: [encrypted('AAAA')] },
      'a signing secret is not of the form whsec_<base64> or whsk_<base64>',
    ],
    ['a secret of another key', { secrets: [encrypted('whsec_AAAA', newKey())] }, 'cannot be decrypted'],
    [
      'an ed25519 key that is none',
      { secrets: [encrypted('whsk_AAAA')] },
      'a signing secret is not of the form whsec_<base64> or whsk_<base64>',
    ],
    ['headers that are none', { headers: encrypted('{"AAAA') }, 'of a form that is not known here'],
    ['credentials of another key', { auth: encrypted('AAAA', newKey()) }, 'cannot be decrypted'],
    [
      'credentials of a kind there is not',
      { auth: encrypted('{"type":"AAAA"}') },
      'of a form that is not known here',
    ],
    [
      'a certificate that is none',
      { clientCertificate: encrypted('{"certificatePem":"AAAA","privateKeyPem":"AAAA"}') },
      'the client certificate and its key cannot be used',
    ],
    [
      'a token endpoint at a private address',
      { auth: encrypted(JSON.stringify({ ...oauth2, tokenUrl: 'http://169.254.169.254/' })) },
      'tokenUrl: the address is not allowed',
    ],
  ])('cannot be sent to with %s, and the error tells no secret', (_, changes, error) => {
    const found = find(changes);
    expect(found).toMatchObject({ kind: 'unsendable', error: expect.stringContaining(error) });
    expect(JSON.stringify(found)).not.toContain('AAAA');
  });
});

describe('the credentials of a receiver', () => {
  const json = (value: unknown): string => encrypted(JSON.stringify(value));
  const credentials = (changes: Partial<Subscription>): Credentials | undefined => {
    const found = find(changes);
    return found.kind === 'receiver' ? found.credentials : undefined;
  };

  it('are none where a subscription asks for nothing but a signature', () => {
    expect(find({})).toMatchObject({ kind: 'receiver', credentials: undefined });
  });

  it.each([
    [{ type: 'basic', username: 'ä', password: 'p:w' }, `Basic ${Buffer.from('ä:p:w').toString('base64')}`],
    [{ type: 'bearer', token: 't.t' }, 'Bearer t.t'],
  ])('are headers where they are always the same: %j', (auth, authorization) => {
    const headers = json([
      ['X-B', '1'],
      ['Authorization', 'is not sent twice'],
      ['X-A', ''],
    ]);
    expect(credentials({ headers, auth: json(auth) })).toMatchObject({
      headers: ['X-B', '1', 'X-A', '', 'authorization', authorization],
      auth: undefined,
      certificate: undefined,
    });
  });

  it('are kept for each request where they depend on it', () => {
    expect(credentials({ auth: json(oauth2) })).toMatchObject({ headers: [], auth: oauth2 });
    expect(credentials({ headers: json([['Authorization', 'Own x']]) })).toMatchObject({
      headers: ['Authorization', 'Own x'],
    });
  });
});

describe('a subscription that is not known', () => {
  it('may still appear, for a while', () => {
    const unknown = new UnknownSubscriptions();
    expect(unknown.mayAppear('s', 0)).toBe(true);
    expect(unknown.mayAppear('s', 9_000)).toBe(true);
    expect(unknown.mayAppear('s', 11_000)).toBe(false);
  });

  it('will not when its deletion was seen', () => {
    const unknown = new UnknownSubscriptions();
    unknown.changed('s', true);
    unknown.changed('s', false);
    expect(unknown.mayAppear('s', 0)).toBe(false);
    unknown.changed('s', true);
    expect(unknown.mayAppear('s', 0)).toBe(true);
  });
});
