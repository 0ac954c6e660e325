import {
  encryptSecret,
  newSigningSecret,
  publicKeyOf,
  type ClientCertificate,
  type EndpointAuth,
  type SecretsKey,
  type SignatureKind,
} from '#libs/subscription';
import type { SubscriptionRow } from '../persistence/rows.js';
import { disclosedAuth, disclosedCertificate, type Disclosed } from './disclosed.js';

/** What is undefined stays as it is, null takes it away. */
export interface GivenCredentials {
  headers?: Readonly<Record<string, string>> | null | undefined;
  auth?: EndpointAuth | null | undefined;
  clientCertificate?: ClientCertificate | null | undefined;
}

type CredentialColumns = Pick<SubscriptionRow, 'headers' | 'auth' | 'clientCertificate' | 'disclosed'>;
type SecretColumns = Pick<SubscriptionRow, 'secrets' | 'previousSecretUntilMs' | 'signature' | 'disclosed'>;

export const noCredentials: CredentialColumns = {
  headers: null,
  auth: null,
  clientCertificate: null,
  disclosed: {},
};

/** The columns after a change of credentials. */
export function credentialColumns(
  key: SecretsKey,
  current: CredentialColumns,
  given: GivenCredentials,
): CredentialColumns {
  const { disclosed } = current;
  const names = Object.keys(given.headers ?? {});
  const headers = names.length === 0 ? null : Object.entries(given.headers ?? {});
  const { auth, clientCertificate } = given;
  return {
    headers: given.headers === undefined ? current.headers : sealed(key, headers),
    auth: auth === undefined ? current.auth : sealed(key, auth),
    clientCertificate:
      clientCertificate === undefined ? current.clientCertificate : sealed(key, clientCertificate),
    disclosed: {
      ...disclosed,
      ...(given.headers === undefined ? {} : { headerNames: names }),
      ...(auth === undefined ? {} : { auth: auth === null ? undefined : disclosedAuth(auth) }),
      ...(clientCertificate === undefined
        ? {}
        : {
            clientCertificate:
              clientCertificate === null ? undefined : disclosedCertificate(clientCertificate),
          }),
    },
  };
}

function sealed(key: SecretsKey, value: unknown): string | null {
  return value === null ? null : encryptSecret(key, JSON.stringify(value));
}

/** The columns of a subscription that begins to sign with a secret and with nothing else. */
export function secretColumns(
  key: SecretsKey,
  secret: string,
  signature: SignatureKind,
  disclosed: Disclosed,
): SecretColumns {
  return {
    secrets: [encryptSecret(key, secret)],
    previousSecretUntilMs: null,
    signature,
    disclosed: { ...disclosed, publicKey: publicKeyOf(secret) },
  };
}

export interface Rotation {
  /** As before where it is left out. */
  signature?: SignatureKind | undefined;
  /** How long the present secret signs, too. */
  graceMs: number;
}

/** The columns after a rotation; of earlier secrets only the present one goes on signing for a while. */
export function rotatedColumns(
  key: SecretsKey,
  row: SubscriptionRow,
  { signature = row.signature, graceMs }: Rotation,
): { columns: SecretColumns; secret: string } {
  const secret = newSigningSecret(signature);
  const columns = secretColumns(key, secret, signature, row.disclosed);
  if (graceMs > 0) {
    columns.secrets.push(...row.secrets.slice(0, 1));
    columns.previousSecretUntilMs = BigInt(Date.now() + graceMs);
  }
  return { columns, secret };
}
