import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import {
  bodyFormats,
  type BodyFormat,
  type DeliverySettings,
  type SignatureKind,
  type SubscriptionState,
} from '#libs/subscription';
import { Page } from '../http/cursors.js';
import { AuthView, ClientCertificateView } from '../credentials/disclosed.js';
import type { SubscriptionRow } from '../persistence/rows.js';
import { FieldChangeBody } from '../listening/listening-fields.js';
import { DeliverySettingsBody } from '../settings/delivery-settings-body.js';
import { DeliverySettingsView } from '../settings/delivery-settings-view.js';
import type { SettingsOverride } from '../settings/effective-settings.js';

const states = ['active', 'failing', 'disabled'] as const;

/** A subscription as the API shows it; never its secret. */
export class SubscriptionView {
  @ApiProperty({ type: String, example: 'sub_01jd3q6k2v0000000000000000' })
  id!: string;

  @ApiProperty({ type: String })
  applicationId!: string;

  @ApiProperty({ type: String })
  database!: string;

  @ApiProperty({ type: [String] })
  eventTypes!: readonly string[];

  @ApiProperty({ type: 'array', items: {}, nullable: true, description: 'an Odoo domain; null: all changes' })
  filter!: unknown;

  @ApiProperty({ type: [FieldChangeBody], nullable: true, description: 'null: whatever changed' })
  fieldChanges!: readonly FieldChangeBody[] | null;

  @ApiProperty({ type: Object, nullable: true, description: 'of the bodies; null: the whole record' })
  shape!: object | null;

  @ApiProperty({ enum: bodyFormats })
  format!: BodyFormat;

  @ApiProperty({ type: String })
  url!: string;

  @ApiProperty({ enum: ['hmac', 'ed25519'], description: 'how its requests are signed' })
  signature!: SignatureKind;

  @ApiProperty({ type: String, nullable: true, description: 'whpk_…, which verifies ed25519 signatures' })
  publicKey!: string | null;

  @ApiProperty({
    type: String,
    format: 'date-time',
    nullable: true,
    description: 'until when the secret before the present one signs, too',
  })
  previousSecretUntil!: string | null;

  @ApiProperty({ type: [String], description: 'names of its custom headers' })
  headerNames!: readonly string[];

  @ApiProperty({ type: AuthView, nullable: true })
  auth!: AuthView | null;

  @ApiProperty({ type: ClientCertificateView, nullable: true })
  clientCertificate!: ClientCertificateView | null;

  @ApiProperty({ type: DeliverySettingsBody, description: 'its own settings, as given' })
  settings!: SettingsOverride;

  @ApiProperty({
    type: DeliverySettingsView,
    description: 'what holds: defaults, then database, then its own',
  })
  effectiveSettings!: DeliverySettingsView;

  @ApiProperty({
    enum: states,
    description:
      'failing: some deliveries in a row are dead; disabled: by its owner, or by too many dead in a row or a 410',
  })
  state!: SubscriptionState['state'];

  @ApiProperty({ type: 'integer', description: 'dead letters in a row' })
  consecutiveDead!: number;

  @ApiProperty({ type: String, format: 'date-time', description: 'since when it is in this state' })
  since!: string;

  @ApiProperty({ type: String, nullable: true, description: 'why it is failing or disabled' })
  reason!: string | null;

  @ApiProperty({
    type: Boolean,
    description:
      'false while its last change is not yet handed to those that deliver (Kafka is slow or down)',
  })
  published!: boolean;

  @ApiProperty({ type: String, format: 'date-time' })
  createdAt!: string;

  @ApiProperty({ type: String, format: 'date-time' })
  updatedAt!: string;
}

export class CreatedSubscriptionView extends SubscriptionView {
  @ApiProperty({ type: String, description: 'the signing secret: shown this once and never again' })
  secret!: string;

  @ApiPropertyOptional({ type: String, description: 'where it starts with something: GET /v1/replays/{id}' })
  replayId?: string;
}

export class SubscriptionPage extends Page {
  @ApiProperty({ type: [SubscriptionView] })
  data!: SubscriptionView[];
}

type Status = Pick<SubscriptionView, 'state' | 'consecutiveDead' | 'since' | 'reason'>;

type Shown = Pick<
  SubscriptionView,
  'signature' | 'publicKey' | 'previousSecretUntil' | 'headerNames' | 'auth' | 'clientCertificate'
>;

export interface SubscriptionContext {
  effective: DeliverySettings;
  state: SubscriptionState | undefined;
  published: boolean;
  /** Why nothing is sent to it whatever it says itself. */
  notEntitled: string | undefined;
}

export function viewOf(row: SubscriptionRow, context: SubscriptionContext): SubscriptionView {
  return {
    id: row.id,
    applicationId: row.applicationId,
    database: row.database,
    eventTypes: row.eventTypes,
    filter: row.filter,
    fieldChanges: row.fieldChanges,
    shape: row.shape,
    format: row.format,
    url: row.url,
    ...credentialsShown(row),
    settings: row.settings,
    effectiveSettings: context.effective,
    ...statusOf(row, context),
    published: context.published,
    createdAt: row.createdAt.toISOString(),
    updatedAt: row.updatedAt.toISOString(),
  };
}

function credentialsShown({ signature, previousSecretUntilMs, disclosed }: SubscriptionRow): Shown {
  const rotating = previousSecretUntilMs !== null && previousSecretUntilMs > Date.now();
  return {
    signature,
    publicKey: disclosed.publicKey ?? null,
    previousSecretUntil: rotating ? isoTime(previousSecretUntilMs) : null,
    headerNames: disclosed.headerNames ?? [],
    auth: disclosed.auth ?? null,
    clientCertificate: disclosed.clientCertificate ?? null,
  };
}

/** What delivery says of an earlier epoch is of no meaning any more. */
function statusOf(row: SubscriptionRow, { state, notEntitled }: SubscriptionContext): Status {
  if (!row.enabled || notEntitled !== undefined) {
    return {
      state: 'disabled',
      consecutiveDead: 0,
      since: row.updatedAt.toISOString(),
      reason: row.enabled ? (notEntitled ?? null) : 'switched off',
    };
  }
  if (state?.enabledEpoch !== row.enabledEpoch) {
    return { state: 'active', consecutiveDead: 0, since: activeSince(row), reason: null };
  }
  return {
    state: state.state,
    consecutiveDead: state.consecutiveDead,
    since: isoTime(state.sinceMs),
    reason: state.reason,
  };
}

/** With a first load it gets what was read a little earlier, too. */
function activeSince({ sinceMs, createdAt }: SubscriptionRow): string {
  return new Date(Math.max(Number(sinceMs), createdAt.getTime())).toISOString();
}

function isoTime(milliseconds: bigint): string {
  return new Date(Number(milliseconds)).toISOString();
}
