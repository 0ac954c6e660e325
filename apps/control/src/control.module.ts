import { Module, type DynamicModule } from '@nestjs/common';
import { HealthModule, MetricsModule, type HealthState, type Metrics } from '#libs/process';
import { Tenancy } from './access/tenancy.js';
import { ApplicationCredentials } from './applications/application-credentials.js';
import { Applications } from './applications/applications.js';
import { ApplicationsController } from './applications/applications.controller.js';
import { CredentialsController } from './applications/credentials.controller.js';
import { Registrations } from './applications/registrations.js';
import { RegistrationsController } from './applications/registrations.controller.js';
import type { AccountParts } from './accounts/account-parts.js';
import { AuditLog } from './audit/audit-log.js';
import { AuditLogController } from './audit/audit-log.controller.js';
import { Consents } from './consents/consents.js';
import { ConsentsController } from './consents/consents.controller.js';
import { Erasures } from './erasures/erasures.js';
import { ErasuresController } from './erasures/erasures.controller.js';
import { EventTypesController } from './event-types/event-types.controller.js';
import { OwnEventTypes } from './event-types/own-event-types.js';
import { SchemasController } from './event-types/schemas.controller.js';
import { CapturedColumns } from './listening/captured-columns.js';
import { HistoryController } from './history/history.controller.js';
import { History } from './history/history.js';
import { Resend } from './history/resend.js';
import { SendingsController } from './history/sendings.controller.js';
import { TestEvents } from './history/test-events.js';
import { ListeningChecks } from './listening/listening-checks.js';
import { Redrives } from './redrives/redrives.js';
import { Replays } from './replays/replays.js';
import { ReplaysController } from './replays/replays.controller.js';
import { RedrivesController } from './redrives/redrives.controller.js';
import { EventList } from './notices/event-list.js';
import { EventsController } from './notices/events.controller.js';
import type { RegisteredOAuth1 } from './oauth1/registered-oauth1.js';
import { OAuth1Module } from './oauth1/oauth1.module.js';
import type { OAuth2 } from './oauth2/oauth2.js';
import { OAuth2Module } from './oauth2/oauth2.module.js';
import { PagesModule } from './pages/pages.module.js';
import { DatabaseSettings } from './settings/database-settings.js';
import { DatabaseSettingsController } from './settings/database-settings.controller.js';
import { ControlRules, SubscriptionChecks } from './subscriptions/subscription-checks.js';
import { RecentChanges } from './trials/recent-changes.js';
import { TrialsController } from './trials/trials.controller.js';
import { TriedSubscriptions } from './trials/tried-subscriptions.js';
import { Subscriptions } from './subscriptions/subscriptions.js';
import { SubscriptionsController } from './subscriptions/subscriptions.controller.js';

export interface ControlParts {
  health: HealthState;
  /** undefined where they are not served here. */
  metrics: Metrics | undefined;
  applications: Applications;
  credentials: ApplicationCredentials;
  registrations: Registrations;
  consents: Consents;
  tenancy: Tenancy;
  rules: ControlRules;
  checks: SubscriptionChecks;
  subscriptions: Subscriptions;
  settings: DatabaseSettings;
  redrives: Redrives;
  replays: Replays;
  ownEventTypes: OwnEventTypes;
  listeningChecks: ListeningChecks;
  capturedColumns: CapturedColumns;
  tried: TriedSubscriptions;
  recentChanges: RecentChanges;
  accounts: AccountParts;
  oauth1: RegisteredOAuth1;
  oauth2: OAuth2;
  history: History;
  resend: Resend;
  testEvents: TestEvents;
  auditLog: AuditLog;
  erasures: Erasures;
  events: EventList;
}

/** What the API is served by; the parts are made outside of Nest. */
@Module({})
export class ControlModule {
  static of(parts: ControlParts): DynamicModule {
    return {
      module: ControlModule,
      imports: [
        HealthModule.of(parts.health),
        ...(parts.metrics === undefined ? [] : [MetricsModule.of(parts.metrics)]),
        PagesModule.of(parts.accounts, parts.consents),
        OAuth1Module.of(parts.oauth1, parts.accounts.logger),
        OAuth2Module.of(parts.oauth2, parts.credentials, parts.accounts),
      ],
      controllers: [
        SubscriptionsController,
        DatabaseSettingsController,
        EventTypesController,
        RedrivesController,
        ReplaysController,
        TrialsController,
        SchemasController,
        ApplicationsController,
        CredentialsController,
        RegistrationsController,
        ConsentsController,
        HistoryController,
        SendingsController,
        AuditLogController,
        ErasuresController,
        EventsController,
      ],
      providers: [
        { provide: Applications, useValue: parts.applications },
        { provide: ApplicationCredentials, useValue: parts.credentials },
        { provide: Registrations, useValue: parts.registrations },
        { provide: Consents, useValue: parts.consents },
        { provide: Tenancy, useValue: parts.tenancy },
        { provide: ControlRules, useValue: parts.rules },
        { provide: SubscriptionChecks, useValue: parts.checks },
        { provide: Subscriptions, useValue: parts.subscriptions },
        { provide: DatabaseSettings, useValue: parts.settings },
        { provide: Redrives, useValue: parts.redrives },
        { provide: Replays, useValue: parts.replays },
        { provide: OwnEventTypes, useValue: parts.ownEventTypes },
        { provide: CapturedColumns, useValue: parts.capturedColumns },
        { provide: ListeningChecks, useValue: parts.listeningChecks },
        { provide: TriedSubscriptions, useValue: parts.tried },
        { provide: AuditLog, useValue: parts.auditLog },
        { provide: Erasures, useValue: parts.erasures },
        { provide: EventList, useValue: parts.events },
        { provide: RecentChanges, useValue: parts.recentChanges },
        { provide: History, useValue: parts.history },
        { provide: Resend, useValue: parts.resend },
        { provide: TestEvents, useValue: parts.testEvents },
      ],
    };
  }
}
