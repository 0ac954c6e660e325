import { isIPv6 } from 'node:net';
import type { DataSource } from 'typeorm';
import { checkUrl, type AllowList, type Resolve } from '#libs/outbound';
import { delay } from '#libs/process';
import { eventTypesOf, isKnownEventType, type EventType } from '#libs/event';
import { isSigningSecret } from '#libs/subscription';
import type { ClientCertificate, SignatureKind } from '#libs/subscription';
import { OAuth1Body, OAuth2Body, type AnyAuthBody } from '../credentials/auth-bodies.js';
import { certificateErrors } from '../credentials/certificate-checks.js';
import { headerErrors } from '../credentials/header-checks.js';
import { grantErrors } from '../access/tenancy.js';
import type { ListeningChecks, Listening } from '../listening/listening-checks.js';
import { closestNames } from '../event-types/closest-names.js';
import type { OwnEventTypes } from '../event-types/own-event-types.js';
import { Problem, type FieldError } from '../http/problem.js';
import { applications } from '../persistence/rows.js';
import type { SettingsPatch } from '../settings/effective-settings.js';

/** What the configuration allows. */
export class ControlRules {
  constructor(
    readonly databases: readonly string[],
    readonly models: readonly string[],
    readonly allowList: AllowList,
  ) {}

  /** @throws Problem for a path with a database that is not configured */
  requireDatabase(database: string): void {
    if (!this.databases.includes(database)) {
      throw new Problem(
        'database_not_found',
        `there is no Odoo database "${database.slice(0, 64)}": ${knownDatabases(this.databases)}`,
      );
    }
  }
}

export interface CheckedFields {
  database?: string | undefined;
  url?: string | undefined;
  secret?: string | undefined;
  signature?: SignatureKind | undefined;
  headers?: Readonly<Record<string, unknown>> | null | undefined;
  auth?: AnyAuthBody | null | undefined;
  clientCertificate?: ClientCertificate | null | undefined;
  settings?: SettingsPatch | null | undefined;
}

export interface CheckParts {
  dataSource: DataSource;
  resolve: Resolve;
  ownEventTypes: OwnEventTypes;
  listeningChecks: ListeningChecks;
}

const resolveTimeoutMs = 2_000;

/** What can only be checked by knowing the configuration, the tables or the network; fields left out are right. */
export class SubscriptionChecks {
  constructor(
    private readonly rules: ControlRules,
    private readonly parts: CheckParts,
  ) {}

  /** `listening`: as it will be, where that changes. */
  async errorsOf(fields: CheckedFields, listening: Listening | undefined): Promise<FieldError[]> {
    return [
      ...databaseErrors(fields.database, this.rules.databases),
      ...(listening === undefined ? [] : await this.listeningErrors(listening)),
      ...(await this.urlErrors('url', fields.url)),
      ...secretErrors(fields.secret, fields.signature),
      ...headerErrors(fields.headers),
      ...(await this.authErrors(fields.auth)),
      ...certificateErrors(fields.clientCertificate),
      ...settingsErrors(fields.settings, 'settings.'),
    ];
  }

  private async listeningErrors(listening: Listening): Promise<FieldError[]> {
    const own = await this.parts.ownEventTypes.of(listening.database);
    return [
      ...(await this.applicationErrors(listening, own)),
      ...this.eventTypeErrors(listening.eventTypes, own),
      ...(await this.parts.listeningChecks.errorsOf(listening, own)),
    ];
  }

  private async applicationErrors(listening: Listening, own: readonly EventType[]): Promise<FieldError[]> {
    const { applicationId: id } = listening;
    const application = await this.parts.dataSource.getRepository(applications).findOneBy({ id });
    if (application !== null) {
      return grantErrors(application, listening, own);
    }
    return [
      {
        field: 'applicationId',
        code: 'unknown_application',
        message: `names no application ("${id}"): leave it out for the default one`,
      },
    ];
  }

  private eventTypeErrors(names: readonly string[], own: readonly EventType[]): FieldError[] {
    const { models } = this.rules;
    const known = [...own, ...eventTypesOf(models)].map(({ name }) => name);
    return names
      .filter((name) => !isKnownEventType(name, models) && !own.some((type) => type.name === name))
      .map((name) => ({
        field: 'eventTypes',
        code: 'unknown_event_type',
        message: `holds "${name}", which is no known event type: ${suggestion(closestNames(name, known))}`,
      }));
  }

  /** At the attempt the address is checked again; here the person who enters it is told. */
  private async urlErrors(field: string, url: string | undefined): Promise<FieldError[]> {
    if (url === undefined) {
      return [];
    }
    const check = checkUrl(url, this.rules.allowList);
    if (check.kind === 'refused') {
      const { reason } = check;
      return [
        isAddressReason(reason)
          ? addressError(field)
          : { field, code: 'bad_url', message: `is refused: ${reason}` },
      ];
    }
    return (await this.leadsToRefusedAddress(new URL(url))) ? [addressError(field)] : [];
  }

  private async authErrors(auth: AnyAuthBody | null | undefined): Promise<FieldError[]> {
    if (auth instanceof OAuth2Body) {
      return this.urlErrors('auth.tokenUrl', auth.tokenUrl);
    }
    if (auth instanceof OAuth1Body && (auth.token === undefined) !== (auth.tokenSecret === undefined)) {
      const message = 'must stand beside auth.token: give both or none';
      return [{ field: 'auth.tokenSecret', code: 'invalid', message }];
    }
    return [];
  }

  private async leadsToRefusedAddress(url: URL): Promise<boolean> {
    const { allowList } = this.rules;
    const port = Number(url.port === '' ? (url.protocol === 'https:' ? 443 : 80) : url.port);
    if (allowList.allowsHost(url.hostname, port)) {
      return false;
    }
    const addresses = await this.addressesOf(url.hostname);
    return addresses.some((address) => {
      const host = isIPv6(address) ? `[${address}]` : address;
      return checkUrl(`${url.protocol}//${host}:${String(port)}/`, allowList).kind === 'refused';
    });
  }

  /** None where the name does not resolve now: it may later, and delivery checks whatever it dials. */
  private async addressesOf(host: string): Promise<readonly string[]> {
    const answered = new AbortController();
    const late = delay(resolveTimeoutMs, answered.signal).then(() => []);
    try {
      return await Promise.race([this.parts.resolve(host).catch(() => []), late]);
    } finally {
      answered.abort();
    }
  }
}

export function databaseErrors(database: string | undefined, known: readonly string[]): FieldError[] {
  if (database === undefined || known.includes(database)) {
    return [];
  }
  const message = `names no known Odoo database ("${database.slice(0, 64)}"): ${knownDatabases(known)}`;
  return [{ field: 'database', code: 'unknown_database', message }];
}

function knownDatabases(known: readonly string[]): string {
  return `known are ${known.map((slug) => `"${slug}"`).join(', ')} (DATABASES of the control app)`;
}

export function settingsErrors(settings: SettingsPatch | null | undefined, prefix: string): FieldError[] {
  const both = settings?.retries != null && settings.retryDelaysMs != null;
  return both
    ? [
        {
          field: `${prefix}retries`,
          code: 'invalid',
          message: 'must not stand beside retryDelaysMs: give one of them',
        },
      ]
    : [];
}

function secretErrors(secret: string | undefined, kind: SignatureKind = 'hmac'): FieldError[] {
  if (secret === undefined || isSigningSecret(secret, kind)) {
    return [];
  }
  const form =
    kind === 'hmac'
      ? '"whsec_" and 24 to 64 bytes in base64'
      : '"whsk_" and an ed25519 key in base64, its seed alone or with the public key behind it';
  const message = `must be ${form}: leave it out to get a new one`;
  return [{ field: 'secret', code: 'invalid', message }];
}

function suggestion(names: readonly string[]): string {
  const listed = names.map((name) => `"${name}"`).join(' or ');
  return names.length === 0
    ? 'GET /v1/event-types lists them all'
    : `did you mean ${listed}? GET /v1/event-types lists all`;
}

function isAddressReason(reason: string): boolean {
  return reason.includes('address is not allowed');
}

function addressError(field: string): FieldError {
  return {
    field,
    code: 'address_not_allowed',
    message:
      'is a private address or an unusual port, which is not allowed: whoever runs this can add it to ALLOWED_RECEIVERS, or a port to ALLOWED_PORTS',
  };
}
