import { EntitySchema } from 'typeorm';
import { controlSchema } from './rows.js';

/** A person who administers. */
export interface AccountRow {
  id: string;
  /** In small letters. */
  email: string;
  /** Argon2id; null until the person has set one, and for who signs in elsewhere alone. */
  passwordHash: string | null;
  /** Who the person is to the external provider; null until the first sign-in by it. */
  externalIssuer: string | null;
  externalSubject: string | null;
  /** Encrypted; null while no second factor is asked for. */
  totpSecret: string | null;
  /** Encrypted; shown to be set up, and not yet confirmed by a code. */
  totpOffered: string | null;
  /** The period of the last code that was taken: none of it or before is taken again. */
  totpLastStep: number | null;
  /** SHA-256 in hex of each code that is left. */
  recoveryHashes: string[];
  enabled: boolean;
  invitationHash: string | null;
  invitationUntil: Date | null;
  lastSignInAt: Date | null;
  createdAt: Date;
  updatedAt: Date;
  /** Another one after each change; to sign in is none. */
  version: string;
}

export interface SessionRow {
  /** SHA-256 in hex: who reads the table can sign in with nothing of it. */
  tokenHash: string;
  accountId: string;
  /** After the password, before the code. */
  awaitsCode: boolean;
  lastSeenAt: Date;
  endsAt: Date;
}

export const accounts = new EntitySchema<AccountRow>({
  name: 'Account',
  schema: controlSchema,
  tableName: 'accounts',
  columns: {
    id: { type: 'text', primary: true },
    email: { type: 'text' },
    passwordHash: { type: 'text', name: 'password_hash', nullable: true },
    externalIssuer: { type: 'text', name: 'external_issuer', nullable: true },
    externalSubject: { type: 'text', name: 'external_subject', nullable: true },
    totpSecret: { type: 'text', name: 'totp_secret', nullable: true },
    totpOffered: { type: 'text', name: 'totp_offered', nullable: true },
    totpLastStep: { type: 'integer', name: 'totp_last_step', nullable: true },
    recoveryHashes: { type: 'text', array: true, name: 'recovery_hashes' },
    enabled: { type: 'boolean' },
    invitationHash: { type: 'text', name: 'invitation_hash', nullable: true },
    invitationUntil: { type: 'timestamptz', name: 'invitation_until', nullable: true },
    lastSignInAt: { type: 'timestamptz', name: 'last_sign_in_at', nullable: true },
    createdAt: { type: 'timestamptz', name: 'created_at' },
    updatedAt: { type: 'timestamptz', name: 'updated_at' },
    version: { type: 'text' },
  },
});

export const sessions = new EntitySchema<SessionRow>({
  name: 'Session',
  schema: controlSchema,
  tableName: 'sessions',
  columns: {
    tokenHash: { type: 'text', name: 'token_hash', primary: true },
    accountId: { type: 'text', name: 'account_id' },
    awaitsCode: { type: 'boolean', name: 'awaits_code' },
    lastSeenAt: { type: 'timestamptz', name: 'last_seen_at' },
    endsAt: { type: 'timestamptz', name: 'ends_at' },
  },
});

export const accountEntities = [accounts, sessions];
