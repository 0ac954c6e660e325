import { EntitySchema } from 'typeorm';
import { controlSchema } from './rows.js';

/** Until its account consents, and then until the application fetches its token. */
export interface TemporaryCredentialRow {
  token: string;
  /** Encrypted. */
  secret: string;
  consumerKey: string;
  applicationId: string;
  /** A registered URL, or "oob": the account is shown the verifier. */
  callback: string;
  endsAt: Date;
  /** Who consented; null where nobody has as yet. */
  accountId: string | null;
  verifierHash: string | null;
}

/** What an application may act with once an account has consented. */
export interface OAuth1TokenRow {
  /** What is sent as oauth_token: it is worth nothing without its secret. */
  id: string;
  /** Encrypted. */
  secret: string;
  consumerKey: string;
  applicationId: string;
  accountId: string;
  createdAt: Date;
}

export const temporaryCredentials = new EntitySchema<TemporaryCredentialRow>({
  name: 'OAuth1TemporaryCredential',
  schema: controlSchema,
  tableName: 'oauth1_temporary_credentials',
  columns: {
    token: { type: 'text', primary: true },
    secret: { type: 'text' },
    consumerKey: { type: 'text', name: 'consumer_key' },
    applicationId: { type: 'text', name: 'application_id' },
    callback: { type: 'text' },
    endsAt: { type: 'timestamptz', name: 'ends_at' },
    accountId: { type: 'text', name: 'account_id', nullable: true },
    verifierHash: { type: 'text', name: 'verifier_hash', nullable: true },
  },
});

export const oauth1Tokens = new EntitySchema<OAuth1TokenRow>({
  name: 'OAuth1Token',
  schema: controlSchema,
  tableName: 'oauth1_tokens',
  columns: {
    id: { type: 'text', primary: true },
    secret: { type: 'text' },
    consumerKey: { type: 'text', name: 'consumer_key' },
    applicationId: { type: 'text', name: 'application_id' },
    accountId: { type: 'text', name: 'account_id' },
    createdAt: { type: 'timestamptz', name: 'created_at' },
  },
});

export const oauth1Entities = [temporaryCredentials, oauth1Tokens];
