import {
  httpSettings,
  kafkaSettings,
  outboundSettings,
  secretsSettings,
  type ConfigTable,
  type ConfigValues,
} from '#libs/config';
import { databaseSlugPattern, defaultModels } from '#libs/change';
import { RelayError } from '#libs/process';
import { externalSettings } from './accounts/external-settings.js';
import { mailSettings } from './notices/notice-settings.js';

const minAdminKeyLength = 16;

export const controlConfigTable = {
  DATABASE_URL: {
    type: 'url',
    description: "Postgres database of the control app's own, postgres://user:password@host:port/name",
  },
  ADMIN_KEY: {
    type: 'text',
    secret: true,
    description: `Key that callers of the API send as "Authorization: Bearer <key>", at least ${String(minAdminKeyLength)} characters`,
  },
  ...secretsSettings,
  DATABASES: {
    type: 'list',
    description: "Slugs of the Odoo databases that can be subscribed to, ingest's DATABASE_SLUG of each",
  },
  MODELS: {
    type: 'list',
    default: defaultModels,
    description: "Odoo models whose changes can be subscribed to, as in ingest's MODELS",
  },
  SELF_REGISTRATION: {
    type: 'boolean',
    default: false,
    description: 'Whether applications may register themselves; an administrator has to approve each',
  },
  PUBLIC_URL: {
    type: 'text',
    default: '',
    description:
      'Where people and applications reach this app, such as https://relay.example.com; if empty, http://localhost:<HTTP_PORT>',
  },
  TRUSTED_PROXIES: {
    type: 'list',
    default: [],
    description:
      'Addresses or CIDR blocks of the proxies before this app, whose X-Forwarded-For is believed: tries to sign in are counted by client address',
  },
  OIDC_ISSUER: {
    type: 'text',
    default: '',
    description:
      'Issuer of the OpenID Connect provider that people may sign in by, as it writes itself; its redirect URI of ours is <PUBLIC_URL>/sign-in/external/callback',
  },
  OIDC_CLIENT_ID: { type: 'text', default: '', description: 'What this app is called at OIDC_ISSUER' },
  OIDC_CLIENT_SECRET: { type: 'text', default: '', secret: true, description: 'Its secret there' },
  OIDC_ALLOWED_EMAILS: {
    type: 'list',
    default: [],
    description:
      'Verified e-mail addresses, or domains such as @example.com, that get an account at their first sign-in by OIDC_ISSUER; others must be invited first',
  },
  HISTORY_RETENTION_DAYS: {
    type: 'integer',
    default: 30,
    min: 1,
    max: 3650,
    description: 'Days, beside the present one, for which the history of attempts is kept; in UTC',
  },
  AUDIT_LOG_RETENTION_DAYS: {
    type: 'integer',
    default: 365,
    min: 1,
    max: 36_500,
    description: 'Days for which the audit log is kept: who has changed what, and when',
  },
  API_REQUESTS_PER_MINUTE: {
    type: 'integer',
    default: 6_000,
    min: 1,
    description: 'Requests a minute that an instance answers to each account, application and the admin key',
  },
  API_ANONYMOUS_REQUESTS_PER_MINUTE: {
    type: 'integer',
    default: 300,
    min: 1,
    description:
      'The same for each client address, of requests that do not say who makes them or are not believed',
  },
  SMTP_URL: {
    type: 'text',
    default: '',
    secret: true,
    description:
      'Mail server that notices are sent by, smtp://user:password@host:587 or smtps://user:password@host:465; if empty, none are sent by e-mail',
  },
  MAIL_FROM: { type: 'text', default: '', description: 'E-mail address that notices come from' },
  NOTICE_EMAILS: {
    type: 'list',
    default: [],
    description:
      'E-mail addresses that are told of the captures, and of subscriptions whose application has no contactEmail',
  },
  NOTICE_INTERVAL_MS: {
    type: 'integer',
    default: 300_000,
    min: 0,
    max: 86_400_000,
    description:
      'Nobody gets more than one mail with notices in this time: what happens meanwhile is in the next one',
  },
  ...outboundSettings,
  ...kafkaSettings,
  ...httpSettings,
  DRAIN_MS: {
    type: 'integer',
    default: 0,
    min: 0,
    max: 15_000,
    description:
      'How long this app still answers when it has been told to stop; each answer ends its connection, so that nobody sends a request on one that is just being closed, milliseconds',
  },
  METRICS_PORT: {
    type: 'integer',
    default: 0,
    min: 0,
    max: 65535,
    description:
      'Port of its own for /metrics, which whoever reaches it may read; 0 serves it at HTTP_PORT beside the API',
  },
} as const satisfies ConfigTable;

export type ControlConfig = ConfigValues<typeof controlConfigTable>;

/** What a single setting's type cannot say. @throws RelayError CONFIG_INVALID */
export function checkControlConfig(config: ControlConfig): void {
  externalSettings(config);
  mailSettings(config);
  if (config.ADMIN_KEY.length < minAdminKeyLength || /\s/.test(config.ADMIN_KEY)) {
    throw new RelayError(
      'CONFIG_INVALID',
      `ADMIN_KEY must have at least ${String(minAdminKeyLength)} characters and no spaces: make one with "openssl rand -hex 32"`,
    );
  }
  const wrong = config.DATABASES.filter((slug) => !databaseSlugPattern.test(slug));
  if (wrong.length > 0 || config.DATABASES.length === 0) {
    throw new RelayError(
      'CONFIG_INVALID',
      `DATABASES must name at least one database, each in small letters, digits, "_" and "-" (not right: "${wrong.join('", "')}")`,
    );
  }
  if (!/^postgres(?:ql)?:\/\//.test(config.DATABASE_URL)) {
    throw new RelayError('CONFIG_INVALID', 'DATABASE_URL must begin with postgres:// or postgresql://');
  }
}
