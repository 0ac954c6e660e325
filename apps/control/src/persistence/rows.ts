import { EntitySchema } from 'typeorm';
import type { EventType, FieldChange } from '#libs/event';
import type { BodyFormat, SignatureKind } from '#libs/subscription';
import type { ApplicationState, Scope } from '../access/principal.js';
import type { ClientAuthMethod, CredentialKind } from '../applications/application-bodies.js';
import type { Disclosed } from '../credentials/disclosed.js';
import type { ErasureProgress } from '../erasures/erasure-slice.js';
import type { RedriveProgress } from '../redrives/redrive-progress.js';
import type { Selection } from '../redrives/selection.js';
import type { ReplayFrom, ReplayProgress, ReplaySelection } from '../replays/replay-progress.js';
import type { RunRow } from '../runs/run-row.js';
import type { SettingsOverride } from '../settings/effective-settings.js';

/** The schema all of control's tables are in; the database may hold others. */
export const controlSchema = 'relay_control';

/** A third-party program that owns subscriptions. */
export interface ApplicationRow {
  id: string;
  name: string;
  description: string;
  website: string | null;
  contactEmail: string | null;
  /** Where it is told of what happens to its subscriptions. */
  noticeUrl: string | null;
  /** Encrypted; signs what is sent there. */
  noticeSecret: string | null;
  state: ApplicationState;
  /** The most that its credentials can have. */
  scopes: Scope[];
  /** What it may see; null is all, as in the next two. */
  databases: string[] | null;
  models: string[] | null;
  companyIds: number[] | null;
  redirectUrls: string[];
  createdAt: Date;
  updatedAt: Date;
  /** Another one after each change. */
  version: string;
}

/** What an application proves itself by. */
export interface ApplicationCredentialRow {
  /** Of OAuth the client id, or the consumer key. */
  id: string;
  applicationId: string;
  kind: CredentialKind;
  name: string;
  scopes: Scope[];
  /** SHA-256 in hex, of what need not be known in clear. */
  secretHash: string | null;
  /** Encrypted, of what signatures are made with. */
  secret: string | null;
  /** As `secretHash` and `secret`, of the one before; good until `previousSecretUntil`. */
  previousSecretHash: string | null;
  previousSecret: string | null;
  previousSecretUntil: Date | null;
  /** PEM. */
  publicKey: string | null;
  /** How an oauth2-client shows its secret; "none": it has none, as a program on people's machines. */
  authMethod: ClientAuthMethod | null;
  createdAt: Date;
  revokedAt: Date | null;
}

export interface DatabaseSettingsRow {
  /** Database slug. */
  database: string;
  settings: SettingsOverride;
  version: string;
}

export interface SubscriptionRow {
  id: string;
  applicationId: string;
  database: string;
  eventTypes: string[];
  /** An Odoo domain, as given. */
  filter: object | null;
  fieldChanges: FieldChange[] | null;
  shape: object | null;
  format: BodyFormat;
  url: string;
  /** Encrypted; the first signs, a second one until `previousSecretUntilMs`. */
  secrets: string[];
  previousSecretUntilMs: bigint | null;
  signature: SignatureKind;
  /** Encrypted JSON, as are the next two. */
  headers: string | null;
  auth: string | null;
  clientCertificate: string | null;
  disclosed: Disclosed;
  settings: SettingsOverride;
  enabled: boolean;
  enabledEpoch: number;
  sinceMs: bigint;
  /** When it was switched off the last time; null where it never was. */
  missedFromMs: bigint | null;
  createdAt: Date;
  updatedAt: Date;
  /** Another one after each change. */
  version: string;
}

/** An event type that a database has of its own. */
export interface EventTypeRow {
  database: string;
  name: string;
  definition: EventType;
  updatedAt: Date;
  version: string;
}

/** A subscription, or all of a database, whose present state is not yet in the topic. */
export interface OutboxRow {
  /** A bigint that is only compared for equality, hence a text. */
  sequence: string;
  subscriptionId: string | null;
  database: string | null;
}

/** What a request has changed, or was refused to. */
export interface AuditRow {
  id: string;
  at: Date;
  principalKind: string;
  principalId: string;
  clientAddress: string;
  requestId: string;
  method: string;
  route: string;
  status: number;
  /** Its path below /v1; null where only its route tells. */
  resource: string | null;
  /** By field, before and after. */
  changes: object;
}

/** Dead letters that are sent once more. */
export interface RedriveRow extends RunRow {
  selection: Selection;
  progress: RedriveProgress;
}

/** Changes, or records as they are, that a subscription is sent once more. */
export interface ReplayRow extends RunRow {
  subscriptionId: string;
  database: string;
  /** As it was asked for. */
  origin: ReplayFrom;
  selection: ReplaySelection;
  progress: ReplayProgress;
}

const asBigint = {
  to: (value: bigint | null | undefined) => (typeof value === 'bigint' ? String(value) : value),
  from: (text: string | null) => (text === null ? null : BigInt(text)),
};

export const applications = new EntitySchema<ApplicationRow>({
  name: 'Application',
  schema: controlSchema,
  tableName: 'applications',
  columns: {
    id: { type: 'text', primary: true },
    name: { type: 'text' },
    description: { type: 'text' },
    website: { type: 'text', nullable: true },
    contactEmail: { type: 'text', name: 'contact_email', nullable: true },
    noticeUrl: { type: 'text', name: 'notice_url', nullable: true },
    noticeSecret: { type: 'text', name: 'notice_secret', nullable: true },
    state: { type: 'text' },
    scopes: { type: 'text', array: true },
    databases: { type: 'text', array: true, nullable: true },
    models: { type: 'text', array: true, nullable: true },
    companyIds: { type: 'integer', array: true, name: 'company_ids', nullable: true },
    redirectUrls: { type: 'text', array: true, name: 'redirect_urls' },
    createdAt: { type: 'timestamptz', name: 'created_at' },
    updatedAt: { type: 'timestamptz', name: 'updated_at' },
    version: { type: 'text' },
  },
});

export const applicationCredentials = new EntitySchema<ApplicationCredentialRow>({
  name: 'ApplicationCredential',
  schema: controlSchema,
  tableName: 'application_credentials',
  columns: {
    id: { type: 'text', primary: true },
    applicationId: { type: 'text', name: 'application_id' },
    kind: { type: 'text' },
    name: { type: 'text' },
    scopes: { type: 'text', array: true },
    secretHash: { type: 'text', name: 'secret_hash', nullable: true },
    secret: { type: 'text', nullable: true },
    previousSecretHash: { type: 'text', name: 'previous_secret_hash', nullable: true },
    previousSecret: { type: 'text', name: 'previous_secret', nullable: true },
    previousSecretUntil: { type: 'timestamptz', name: 'previous_secret_until', nullable: true },
    publicKey: { type: 'text', name: 'public_key', nullable: true },
    authMethod: { type: 'text', name: 'auth_method', nullable: true },
    createdAt: { type: 'timestamptz', name: 'created_at' },
    revokedAt: { type: 'timestamptz', name: 'revoked_at', nullable: true },
  },
});

export const databaseSettings = new EntitySchema<DatabaseSettingsRow>({
  name: 'DatabaseSettings',
  schema: controlSchema,
  tableName: 'database_settings',
  columns: {
    database: { type: 'text', primary: true },
    settings: { type: 'jsonb' },
    version: { type: 'text' },
  },
});

export const subscriptions = new EntitySchema<SubscriptionRow>({
  name: 'Subscription',
  schema: controlSchema,
  tableName: 'subscriptions',
  columns: {
    id: { type: 'text', primary: true },
    applicationId: { type: 'text', name: 'application_id' },
    database: { type: 'text' },
    eventTypes: { type: 'text', array: true, name: 'event_types' },
    filter: { type: 'jsonb', nullable: true },
    fieldChanges: { type: 'jsonb', name: 'field_changes', nullable: true },
    shape: { type: 'jsonb', nullable: true },
    format: { type: 'text' },
    url: { type: 'text' },
    secrets: { type: 'text', array: true },
    previousSecretUntilMs: {
      type: 'bigint',
      name: 'previous_secret_until_ms',
      nullable: true,
      transformer: asBigint,
    },
    signature: { type: 'text' },
    headers: { type: 'text', nullable: true },
    auth: { type: 'text', nullable: true },
    clientCertificate: { type: 'text', name: 'client_certificate', nullable: true },
    disclosed: { type: 'jsonb' },
    settings: { type: 'jsonb' },
    enabled: { type: 'boolean' },
    enabledEpoch: { type: 'integer', name: 'enabled_epoch' },
    sinceMs: { type: 'bigint', name: 'since_ms', transformer: asBigint },
    missedFromMs: { type: 'bigint', name: 'missed_from_ms', nullable: true, transformer: asBigint },
    createdAt: { type: 'timestamptz', name: 'created_at' },
    updatedAt: { type: 'timestamptz', name: 'updated_at' },
    version: { type: 'text' },
  },
});

export const eventTypes = new EntitySchema<EventTypeRow>({
  name: 'EventType',
  schema: controlSchema,
  tableName: 'event_types',
  columns: {
    database: { type: 'text', primary: true },
    name: { type: 'text', primary: true },
    definition: { type: 'jsonb' },
    updatedAt: { type: 'timestamptz', name: 'updated_at' },
    version: { type: 'text' },
  },
});

export const outbox = new EntitySchema<OutboxRow>({
  name: 'Outbox',
  schema: controlSchema,
  tableName: 'topic_outbox',
  columns: {
    sequence: { type: 'bigint', primary: true, generated: 'increment' },
    subscriptionId: { type: 'text', name: 'subscription_id', nullable: true },
    database: { type: 'text', nullable: true },
  },
});

/** Of every table of runs. */
const runColumns = {
  id: { type: 'text', primary: true },
  dryRun: { type: 'boolean', name: 'dry_run' },
  ratePerSecond: { type: 'integer', name: 'rate_per_s' },
  newIds: { type: 'boolean', name: 'new_ids' },
  state: { type: 'text' },
  progress: { type: 'jsonb' },
  runner: { type: 'text', nullable: true },
  error: { type: 'text', nullable: true },
  startedAt: { type: 'timestamptz', name: 'started_at' },
  endedAt: { type: 'timestamptz', name: 'ended_at', nullable: true },
} as const;

export const redrives = new EntitySchema<RedriveRow>({
  name: 'Redrive',
  schema: controlSchema,
  tableName: 'redrives',
  columns: {
    ...runColumns,
    selection: { type: 'jsonb' },
  },
});

export const replays = new EntitySchema<ReplayRow>({
  name: 'Replay',
  schema: controlSchema,
  tableName: 'replays',
  columns: {
    ...runColumns,
    subscriptionId: { type: 'text', name: 'subscription_id' },
    database: { type: 'text' },
    origin: { type: 'jsonb' },
    selection: { type: 'jsonb' },
  },
});

export const auditLog = new EntitySchema<AuditRow>({
  name: 'AuditEntry',
  schema: controlSchema,
  tableName: 'audit_log',
  columns: {
    id: { type: 'text', primary: true },
    at: { type: 'timestamptz' },
    principalKind: { type: 'text', name: 'principal_kind' },
    principalId: { type: 'text', name: 'principal_id' },
    clientAddress: { type: 'text', name: 'client_address' },
    requestId: { type: 'text', name: 'request_id' },
    method: { type: 'text' },
    route: { type: 'text' },
    status: { type: 'integer' },
    resource: { type: 'text', nullable: true },
    changes: { type: 'jsonb' },
  },
});

export interface ErasureRow {
  id: string;
  at: Date;
  principalKind: string;
  principalId: string;
  database: string;
  records: string[];
  /** Of the history, of which something was erased so far. */
  attempts: number;
  state: 'running' | 'done';
  /** null where it is done. */
  progress: ErasureProgress | null;
}

export const erasures = new EntitySchema<ErasureRow>({
  name: 'Erasure',
  schema: controlSchema,
  tableName: 'erasures',
  columns: {
    id: { type: 'text', primary: true },
    at: { type: 'timestamptz' },
    principalKind: { type: 'text', name: 'principal_kind' },
    principalId: { type: 'text', name: 'principal_id' },
    database: { type: 'text' },
    records: { type: 'jsonb' },
    attempts: { type: 'integer' },
    state: { type: 'text' },
    progress: { type: 'jsonb', nullable: true },
  },
});

export const entities = [
  applications,
  applicationCredentials,
  databaseSettings,
  subscriptions,
  eventTypes,
  outbox,
  redrives,
  replays,
  auditLog,
  erasures,
];
