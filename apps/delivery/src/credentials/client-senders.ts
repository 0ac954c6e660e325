import { createHash } from 'node:crypto';
import type { ClientCertificate } from '#libs/subscription';
import type { Sender } from '../attempt.js';
import { RecentlyUsed, type Bounds } from './recently-used.js';

/** Sends on connections of its own. */
export interface OwnSender {
  sender: Sender;
  /** When what is under way has ended. */
  close(): Promise<unknown>;
}

const defaultBounds: Bounds = { max: 500, idleMs: 300_000 };

/**
 * A sender for each client certificate of mutual TLS: connections made with one are never used for another. All
 * of them are behind the same guard.
 */
export class ClientSenders {
  private readonly senders: RecentlyUsed<OwnSender>;
  private readonly keys = new WeakMap<ClientCertificate, string>();

  constructor(
    private readonly make: (certificate: ClientCertificate) => OwnSender,
    bounds = defaultBounds,
  ) {
    this.senders = new RecentlyUsed(bounds, (own) => {
      own.close().catch(() => undefined);
    });
  }

  get size(): number {
    return this.senders.size;
  }

  of(certificate: ClientCertificate): Sender {
    let key = this.keys.get(certificate);
    if (key === undefined) {
      key = keyOf(certificate);
      this.keys.set(certificate, key);
    }
    return this.senders.of(key, () => this.make(certificate)).sender;
  }

  /** Ends what is under way as if its time were up. */
  abortAll(): void {
    for (const { sender } of this.senders.values()) {
      sender.abortAll();
    }
  }

  close(): void {
    this.senders.close();
  }
}

/** Subscriptions that show the same certificate share its connections. */
function keyOf({ certificatePem, privateKeyPem, caPem }: ClientCertificate): string {
  return createHash('sha256')
    .update(JSON.stringify([certificatePem, privateKeyPem, caPem]))
    .digest('base64');
}
