import { checkUrl, type AllowList } from '#libs/outbound';
import { messageOf } from '#libs/process';
import { decryptSecret, isActive, readSigningKey, urlHash } from '#libs/subscription';
import type { SecretsKey, SigningKey, Subscription, SubscriptionState } from '#libs/subscription';
import { openCredentials, type Credentials } from './credentials/open-credentials.js';

/** Where and how deliveries of a subscription are sent. */
export interface Receiver {
  kind: 'receiver';
  subscription: Subscription;
  origin: string;
  path: string;
  urlHash: number;
  /** The first signs always, further ones until `previousSecretUntilMs`. */
  signingKeys: readonly SigningKey[];
  /** undefined where requests carry a signature and nothing else. */
  credentials: Credentials | undefined;
}

export type FoundReceiver =
  | Receiver
  /** Deleted, or so new that it is not known here yet. */
  | { kind: 'unknown' }
  | { kind: 'disabled' }
  | { kind: 'unsendable'; error: string; secretUnreadable: boolean };

/** What {@link Receivers} need to see of the two compacted topics. */
export interface SubscriptionView {
  subscription(id: string): Subscription | undefined;
  state(id: string): SubscriptionState | undefined;
}

/** Looks up, at each attempt, what the record of a delivery must not hold: address and secrets. */
export class Receivers {
  /** Each version of a subscription is an object of its own, so it is prepared once. */
  private readonly prepared = new WeakMap<Subscription, FoundReceiver>();

  constructor(
    private readonly view: SubscriptionView,
    private readonly secretsKey: SecretsKey,
    private readonly allowList: AllowList,
  ) {}

  find(subscriptionId: string): FoundReceiver {
    const subscription = this.view.subscription(subscriptionId);
    if (subscription === undefined) {
      return { kind: 'unknown' };
    }
    if (!isActive(subscription, this.view.state(subscriptionId))) {
      return { kind: 'disabled' };
    }
    let receiver = this.prepared.get(subscription);
    if (receiver === undefined) {
      receiver = this.prepare(subscription);
      this.prepared.set(subscription, receiver);
    }
    return receiver;
  }

  private prepare(subscription: Subscription): FoundReceiver {
    const check = checkUrl(subscription.url, this.allowList);
    if (check.kind === 'refused') {
      return { kind: 'unsendable', error: check.reason, secretUnreadable: false };
    }
    try {
      const signingKeys = this.signingKeys(subscription);
      const credentials = openCredentials(subscription, (text) => this.decrypt(text), this.allowList);
      if (typeof signingKeys === 'string') {
        return { kind: 'unsendable', error: signingKeys, secretUnreadable: false };
      }
      if (typeof credentials === 'string') {
        return { kind: 'unsendable', error: credentials, secretUnreadable: false };
      }
      const { origin, pathname, search } = new URL(subscription.url);
      const address = { origin, path: pathname + search, urlHash: urlHash(subscription.url) };
      return { kind: 'receiver', subscription, ...address, signingKeys, credentials };
    } catch (error) {
      return { kind: 'unsendable', error: messageOf(error), secretUnreadable: true };
    }
  }

  private decrypt(text: string): string {
    return decryptSecret(this.secretsKey, text);
  }

  /** The keys, or why there are none. @throws RelayError SECRET_UNREADABLE */
  private signingKeys({ secrets }: Subscription): readonly SigningKey[] | string {
    const keys = secrets.map((secret) => readSigningKey(this.decrypt(secret)));
    const right = keys.filter((key) => key !== undefined);
    if (right.length < keys.length) {
      return 'a signing secret is not of the form whsec_<base64> or whsk_<base64>';
    }
    return right.length === 0 ? 'the subscription has no signing secret' : right;
  }
}
