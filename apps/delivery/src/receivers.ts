import { checkUrl, type AllowList } from '#libs/outbound';
import { decryptSecret, isActive, type SecretsKey } from '#libs/subscription';
import type { Subscription, SubscriptionState } from '#libs/subscription';
import { messageOf } from '#libs/process';
import { signingKey } from './signature.js';

/** Where and how deliveries of a subscription are sent. */
export interface Receiver {
  kind: 'receiver';
  subscription: Subscription;
  origin: string;
  path: string;
  signingKeys: readonly Buffer[];
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
    const signingKeys = this.signingKeys(subscription);
    if (typeof signingKeys === 'string') {
      return { kind: 'unsendable', error: signingKeys, secretUnreadable: true };
    }
    const { origin, pathname, search } = new URL(subscription.url);
    return { kind: 'receiver', subscription, origin, path: pathname + search, signingKeys };
  }

  /** The keys, or why there are none. */
  private signingKeys({ secrets }: Subscription): readonly Buffer[] | string {
    const keys: Buffer[] = [];
    for (const secret of secrets) {
      try {
        const key = signingKey(decryptSecret(this.secretsKey, secret));
        if (key === undefined) {
          return 'a signing secret is not of the form whsec_<base64>';
        }
        keys.push(key);
      } catch (error) {
        return messageOf(error);
      }
    }
    return keys.length === 0 ? 'the subscription has no signing secret' : keys;
  }
}
