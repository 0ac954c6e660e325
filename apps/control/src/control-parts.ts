import type { DataSource } from 'typeorm';
import { ChangeReader } from '#libs/change';
import type { Kafka, Publisher, SchemaRegistry } from '#libs/kafka';
import type { Resolve } from '#libs/outbound';
import type { HealthState, Metrics } from '#libs/process';
import type { Logger } from '#libs/telemetry';
import type { SecretsKey } from '#libs/subscription';
import { accountParts } from './accounts/account-parts.js';
import { Tenancy } from './access/tenancy.js';
import { ApplicationCredentials } from './applications/application-credentials.js';
import { Applications } from './applications/applications.js';
import { Registrations } from './applications/registrations.js';
import { AuditLog } from './audit/audit-log.js';
import type { ControlConfig } from './configuration.js';
import { Consents } from './consents/consents.js';
import type { ControlParts } from './control.module.js';
import { Erasures } from './erasures/erasures.js';
import { OwnEventTypes } from './event-types/own-event-types.js';
import type { PublicUrl } from './http/public-url.js';
import type { Outbox } from './feed/outbox.js';
import { History } from './history/history.js';
import { Resend } from './history/resend.js';
import { TestEvents } from './history/test-events.js';
import { CapturedColumns } from './listening/captured-columns.js';
import { ListeningChecks } from './listening/listening-checks.js';
import { EventList } from './notices/event-list.js';
import { oauth1Parts } from './oauth1/registered-oauth1.js';
import { OAuth2 } from './oauth2/oauth2.js';
import { Redrives } from './redrives/redrives.js';
import { Replays } from './replays/replays.js';
import { DatabaseSettings } from './settings/database-settings.js';
import { SubscriptionChecks, type ControlRules } from './subscriptions/subscription-checks.js';
import { Subscriptions, type SubscriptionStates } from './subscriptions/subscriptions.js';
import { RecentChanges } from './trials/recent-changes.js';
import { TriedSubscriptions } from './trials/tried-subscriptions.js';

/** What the parts of the API are made of, connected. */
export interface Connections {
  health: HealthState;
  metrics: Metrics | undefined;
  rules: ControlRules;
  secretsKey: SecretsKey;
  dataSource: DataSource;
  outbox: Outbox;
  kafka: Kafka;
  registry: SchemaRegistry;
  states: SubscriptionStates;
  publisher: Publisher;
  resolve: Resolve;
  publicUrl: PublicUrl;
  logger: Logger;
}

export function controlParts(config: ControlConfig, connections: Connections): ControlParts {
  const {
    health,
    metrics,
    rules,
    secretsKey,
    dataSource,
    outbox,
    kafka,
    registry,
    states,
    resolve,
    publicUrl,
    logger,
  } = connections;
  const reader = new ChangeReader(registry);
  const ownEventTypes = new OwnEventTypes(dataSource, outbox);
  const capturedColumns = new CapturedColumns(registry);
  const listeningChecks = new ListeningChecks(capturedColumns);
  const checks = new SubscriptionChecks(rules, { dataSource, resolve, ownEventTypes, listeningChecks });
  const applications = new Applications(dataSource, outbox, secretsKey);
  const credentials = new ApplicationCredentials(dataSource, secretsKey);
  const accounts = accountParts(config, { dataSource, secretsKey, publicUrl, logger });
  const { visitors } = accounts;
  const redrives = new Redrives(dataSource, kafka);
  const history = new History(dataSource);
  return {
    health,
    metrics,
    rules,
    checks,
    applications,
    credentials,
    registrations: new Registrations(config.SELF_REGISTRATION, { dataSource, applications, credentials }),
    consents: new Consents(dataSource),
    auditLog: new AuditLog(dataSource),
    erasures: new Erasures(dataSource),
    events: new EventList(dataSource),
    tenancy: new Tenancy(dataSource),
    tried: new TriedSubscriptions(dataSource, secretsKey, checks, ownEventTypes),
    recentChanges: new RecentChanges(kafka, reader),
    ownEventTypes,
    capturedColumns,
    listeningChecks,
    subscriptions: new Subscriptions(dataSource, outbox, states, secretsKey),
    settings: new DatabaseSettings(dataSource, outbox),
    redrives,
    replays: new Replays(dataSource, states, { kafka, reader }),
    accounts,
    oauth1: oauth1Parts({ dataSource, secretsKey, publicUrl, credentials, visitors }),
    oauth2: new OAuth2({ dataSource, secretsKey, credentials, publicUrl }),
    history,
    resend: new Resend(history, redrives),
    testEvents: new TestEvents({ dataSource, states, capturedColumns, publisher: connections.publisher }),
  };
}
