import { MoreThan, type DataSource, type EntityManager } from 'typeorm';
import type { FieldChange, Shape } from '#libs/event';
import { pageOf } from '../http/cursors.js';
import {
  isActive,
  type BodyFormat,
  type SecretsKey,
  type SignatureKind,
  type SubscriptionState,
} from '#libs/subscription';
import { applicationsOf, whyNotEntitled } from '../applications/entitlement.js';
import { recordChange } from '../audit/audit-trail.js';
import { combinationErrors } from '../credentials/combination-checks.js';
import {
  credentialColumns,
  noCredentials,
  rotatedColumns,
  secretColumns,
  type GivenCredentials,
  type Rotation,
} from '../credentials/credential-columns.js';
import { eventTypesOfDatabases } from '../event-types/own-event-types.js';
import type { Outbox } from '../feed/outbox.js';
import { requireNone } from '../http/problem.js';
import { keepAnswer } from '../idempotency/idempotency.interceptor.js';
import { newVersion, withVersion, type Precondition } from '../http/versions.js';
import { subscriptions, type SubscriptionRow } from '../persistence/rows.js';
import { newSortableId } from '../persistence/sortable-id.js';
import { effectiveSettings, patchedOverride, type SettingsPatch } from '../settings/effective-settings.js';
import { overridesOf, type RowSource } from '../settings/database-settings.js';
import { missedFromMs } from './missed-from.js';
import {
  viewOf,
  type CreatedSubscriptionView,
  type SubscriptionPage,
  type SubscriptionView,
} from './subscription-view.js';

export interface NewSubscription extends GivenCredentials {
  applicationId: string;
  database: string;
  eventTypes: string[];
  filter: unknown[] | null;
  fieldChanges: FieldChange[] | null;
  shape: Shape | null;
  format: BodyFormat;
  url: string;
  settings: SettingsPatch;
  secret: string;
  signature: SignatureKind;
}

/** What is undefined stays as it is. */
export interface SubscriptionChange extends GivenCredentials {
  eventTypes?: string[] | undefined;
  /** null takes it away, as it does the next two. */
  filter?: unknown[] | null | undefined;
  fieldChanges?: FieldChange[] | null | undefined;
  shape?: Shape | null | undefined;
  format?: BodyFormat | undefined;
  url?: string | undefined;
  /** null takes all overrides back. */
  settings?: SettingsPatch | null | undefined;
}

export interface PageRequest {
  database?: string | undefined;
  applicationId?: string | undefined;
  cursor?: string | undefined;
  limit: number;
}

/** Where delivery's word on a subscription is found. */
export interface SubscriptionStates {
  get(id: string): SubscriptionState | undefined;
}

/** Gives what the answer shows of what has begun. */
type BeginWith = (manager: EntityManager, row: SubscriptionRow) => Promise<object>;

/** What was read so shortly before, and is still on its way to the topics, comes live beside a first load. */
const firstLoadOverlapMs = 60_000;
/** How long a change waits for its publication, so that it holds for whatever its caller does next. */
const publishWaitMs = 2_000;

/** The subscriptions as control keeps them. Every change is written with its outbox entry in one transaction. */
export class Subscriptions {
  constructor(
    private readonly dataSource: DataSource,
    private readonly outbox: Outbox,
    private readonly states: SubscriptionStates,
    private readonly secretsKey: SecretsKey,
  ) {}

  /** `begin` makes what begins with it, in the transaction that makes the subscription. */
  async create(given: NewSubscription, begin?: BeginWith): Promise<CreatedSubscriptionView> {
    const now = new Date();
    const { applicationId, database, eventTypes, filter, fieldChanges, shape, format, url } = given;
    const credentials = credentialColumns(this.secretsKey, noCredentials, given);
    const row: SubscriptionRow = {
      ...{ applicationId, database, eventTypes, filter, fieldChanges, shape, format, url },
      ...credentials,
      ...secretColumns(this.secretsKey, given.secret, given.signature, credentials.disclosed),
      id: newSortableId('sub', now.getTime()),
      settings: patchedOverride({}, given.settings),
      enabled: true,
      enabledEpoch: 0,
      sinceMs: BigInt(now.getTime() - (begin === undefined ? 0 : firstLoadOverlapMs)),
      missedFromMs: null,
      createdAt: now,
      updatedAt: now,
      version: newVersion(),
    };
    requireFitting(row);
    const more = { secret: given.secret };
    const published = await this.written(async (manager) => {
      await manager.insert(subscriptions, row);
      await recordChange(manager, { resource: resourceOf(row.id), after: row });
      Object.assign(more, await begin?.(manager, row));
      await keepAnswer(manager, async () => Object.assign(await this.view(row, false, manager), more));
      return this.outbox.append(manager, { subscriptionId: row.id });
    });
    return Object.assign(await this.view(row, published), more);
  }

  async list(page: PageRequest): Promise<SubscriptionPage> {
    const { database, applicationId, cursor, limit } = page;
    const rows = await this.dataSource.getRepository(subscriptions).find({
      where: {
        ...(database === undefined ? {} : { database }),
        ...(applicationId === undefined ? {} : { applicationId }),
        ...(cursor === undefined ? {} : { id: MoreThan(cursor) }),
      },
      order: { id: 'ASC' },
      // One more than asked for tells whether there is a next page.
      take: limit + 1,
    });
    const { shown, nextCursor } = pageOf(rows, limit, ({ id }) => id);
    const unpublished = await this.outbox.unpublished(shown);
    const data = await this.views(shown, (row) => !unpublished.has(row.id));
    return { data, nextCursor };
  }

  async find(id: string): Promise<SubscriptionView | undefined> {
    const row = await this.dataSource.getRepository(subscriptions).findOneBy({ id });
    return row === null ? undefined : this.view(row, !(await this.outbox.unpublished([row])).has(id));
  }

  async change(
    id: string,
    change: SubscriptionChange,
    expected: Precondition,
  ): Promise<SubscriptionView | undefined> {
    return this.update(id, expected, (row) => ({
      eventTypes: change.eventTypes ?? row.eventTypes,
      filter: change.filter === undefined ? row.filter : change.filter,
      fieldChanges: change.fieldChanges === undefined ? row.fieldChanges : change.fieldChanges,
      shape: change.shape === undefined ? row.shape : change.shape,
      format: change.format ?? row.format,
      url: change.url ?? row.url,
      settings: change.settings === null ? {} : patchedOverride(row.settings, change.settings ?? {}),
      ...credentialColumns(this.secretsKey, row, change),
    }));
  }

  async rotateSecret(
    id: string,
    rotation: Rotation,
    expected: Precondition,
  ): Promise<CreatedSubscriptionView | undefined> {
    const shown = { secret: '' };
    const change = (row: SubscriptionRow): Partial<SubscriptionRow> => {
      const rotated = rotatedColumns(this.secretsKey, row, rotation);
      shown.secret = rotated.secret;
      return rotated.columns;
    };
    const view = await this.update(id, expected, change, shown);
    return view && Object.assign(view, shown);
  }

  /**
   * Starts a new epoch of the count. Changes from before now are not for it, unless it is on already: then none
   * that is on its way is lost.
   */
  async enable(id: string, expected: Precondition): Promise<SubscriptionView | undefined> {
    return this.update(id, expected, (row) => ({
      enabled: true,
      enabledEpoch: row.enabledEpoch + 1,
      missedFromMs: missedFromMs(row, this.states.get(id)),
      sinceMs: isActive(row, this.states.get(id)) ? row.sinceMs : BigInt(Date.now()),
    }));
  }

  async disable(id: string, expected: Precondition): Promise<SubscriptionView | undefined> {
    return this.update(id, expected, (row) => {
      const state = this.states.get(id);
      const fromMs = isActive(row, state) ? BigInt(Date.now()) : missedFromMs(row, state);
      return { enabled: false, missedFromMs: fromMs };
    });
  }

  /** false when there was none. */
  async delete(id: string, expected: Precondition): Promise<boolean> {
    let existed = false;
    await this.written(async (manager) => {
      const row = await locked(manager, id);
      if (row === null) {
        return undefined;
      }
      expected.require(row.version);
      await manager.delete(subscriptions, { id });
      await recordChange(manager, { resource: resourceOf(id), before: row });
      existed = true;
      return this.outbox.append(manager, { subscriptionId: id });
    });
    return existed;
  }

  /** The row is locked, so that of two changes at the same time the second builds on the first. */
  private async update(
    id: string,
    expected: Precondition,
    change: (row: SubscriptionRow) => Partial<SubscriptionRow>,
    shown: object = {},
  ): Promise<SubscriptionView | undefined> {
    let changed: SubscriptionRow | undefined;
    const published = await this.written(async (manager) => {
      const row = await locked(manager, id);
      if (row === null) {
        return undefined;
      }
      expected.require(row.version);
      const fields = { ...change(row), updatedAt: new Date(), version: newVersion() };
      requireFitting({ ...row, ...fields });
      await manager.update(subscriptions, { id }, fields);
      await recordChange(manager, { resource: resourceOf(id), before: row, after: { ...row, ...fields } });
      const present = { ...row, ...fields };
      await keepAnswer(manager, async () => Object.assign(await this.view(present, false, manager), shown));
      changed = present;
      return this.outbox.append(manager, { subscriptionId: id });
    });
    return changed && this.view(changed, published);
  }

  /** Commits what `write` does; then whether its outbox entry, where it made one, was published in time. */
  private async written(write: (manager: EntityManager) => Promise<string | undefined>): Promise<boolean> {
    const sequence = await this.dataSource.transaction(write);
    // It is committed: whatever happens from here on, the change was made.
    return (
      sequence === undefined || this.outbox.waitUntilPublished(sequence, publishWaitMs).catch(() => false)
    );
  }

  private async view(
    row: SubscriptionRow,
    published: boolean,
    source: RowSource = this.dataSource,
  ): Promise<SubscriptionView> {
    const [view] = await this.views([row], () => published, source);
    return view as SubscriptionView;
  }

  private async views(
    rows: readonly SubscriptionRow[],
    isPublished: (row: SubscriptionRow) => boolean,
    source: RowSource = this.dataSource,
  ): Promise<SubscriptionView[]> {
    const settings = await overridesOf(
      source,
      rows.map(({ database }) => database),
    );
    const owners = await applicationsOf(this.dataSource, rows);
    const ownTypes = await eventTypesOfDatabases(
      this.dataSource,
      rows.map(({ database }) => database),
    );
    return rows.map((row) => {
      const view = viewOf(row, {
        notEntitled: whyNotEntitled(owners.get(row.applicationId), row, ownTypes(row.database)),
        effective: effectiveSettings(settings(row.database), row.settings),
        state: this.states.get(row.id),
        published: isPublished(row),
      });
      return withVersion(view, row.version);
    });
  }
}

function resourceOf(id: string): string {
  return `subscriptions/${id}`;
}

function locked(manager: EntityManager, id: string): Promise<SubscriptionRow | null> {
  return manager.findOne(subscriptions, { where: { id }, lock: { mode: 'pessimistic_write' } });
}

function requireFitting(row: SubscriptionRow): void {
  requireNone(combinationErrors(row));
}
