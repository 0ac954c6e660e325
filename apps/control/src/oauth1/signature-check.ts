import { randomBytes } from 'node:crypto';
import {
  isRightSignature,
  readSignedRequest,
  refused,
  type ReceivedRequest,
  type Refusal,
  type SignedRequest,
  type VerificationKeys,
} from '#libs/oauth1';
import type { OAuth1Consumer, OAuth1Consumers } from './consumers.js';
import type { Nonces } from './nonces.js';

/** A token, temporary or not. */
export interface TokenCredentials {
  id: string;
  /** The only one that may use it. */
  consumerKey: string;
  secret: string;
}

export type FindToken = (token: string) => Promise<TokenCredentials | undefined>;

export interface CheckedRequest {
  kind: 'right';
  consumer: OAuth1Consumer;
  token: TokenCredentials | null;
  request: SignedRequest;
}

/** What requests of nobody are checked against, so that they take as long as others. */
const nobodysKeys: VerificationKeys = {
  consumerSecrets: [randomBytes(32).toString('base64url')],
  tokenSecret: randomBytes(32).toString('base64url'),
  rsaPublicKeyPem: null,
};

/** Whether a request is signed by a consumer we know, and came for the first time. */
export class SignatureCheck {
  constructor(
    private readonly consumers: OAuth1Consumers,
    private readonly nonces: Nonces,
    private readonly nowMs: () => number = Date.now,
  ) {}

  async check(
    received: ReceivedRequest,
    findToken: FindToken,
  ): Promise<CheckedRequest | Refusal | { kind: 'absent' }> {
    const read = readSignedRequest(received, this.nowMs());
    if (read.kind !== 'signed') {
      return read;
    }
    const { request } = read;
    const consumer = await this.consumers.find(request.consumerKey);
    const token = request.token === null ? null : await findToken(request.token);
    const isOfConsumer = token === null || token?.consumerKey === request.consumerKey;
    const known = consumer !== undefined && token !== undefined && isOfConsumer;
    const right = isRightSignature(request, known ? keysOf(consumer, token) : nobodysKeys);
    if (!known || !right) {
      return signatureWrong(received);
    }
    return (await this.nonceFault(request)) ?? { kind: 'right', consumer, token, request };
  }

  private async nonceFault(request: SignedRequest): Promise<Refusal | undefined> {
    switch (await this.nonces.take(request)) {
      case 'taken':
        return undefined;
      case 'used':
        return refused(
          'oauth1_nonce_used',
          'a request with this oauth_nonce and oauth_timestamp was accepted before: sign each request anew, also when it is sent again',
        );
      case 'uncertain':
        return refused(
          'oauth1_timestamp_refused',
          'requests signed before this moment are not accepted, as it is not known which of them were made before: sign it anew',
        );
    }
  }
}

function keysOf(
  { consumerSecrets, rsaPublicKeyPem }: OAuth1Consumer,
  token: TokenCredentials | null,
): VerificationKeys {
  return { consumerSecrets, rsaPublicKeyPem, tokenSecret: token?.secret ?? '' };
}

/** One text for all that can be wrong here: strangers must not learn which keys and tokens there are. */
function signatureWrong({ method, url }: ReceivedRequest): Refusal {
  const [address = ''] = url.split('?');
  return refused(
    'oauth1_signature_wrong',
    `check consumer key, token and both secrets, and that what is signed is ${method} ${address.slice(0, 200)} with its query`,
  );
}
