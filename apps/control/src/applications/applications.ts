import { MoreThan, type DataSource, type EntityManager } from 'typeorm';
import type { SecretsKey } from '#libs/subscription';
import type { ApplicationState, Scope } from '../access/principal.js';
import { recordChange } from '../audit/audit-trail.js';
import type { Outbox } from '../feed/outbox.js';
import { newVersion, type Precondition } from '../http/versions.js';
import { keepAnswer } from '../idempotency/idempotency.interceptor.js';
import { applications, subscriptions, type ApplicationRow } from '../persistence/rows.js';
import { newSortableId } from '../persistence/sortable-id.js';
import { viewOf, type WrittenApplicationView } from './application-view.js';
import { noticeTarget, shownSecret } from './notice-secret.js';

/** All but admin, which nobody has without being given it. */
export const ordinaryScopes: readonly Scope[] = [
  'subscriptions:read',
  'subscriptions:write',
  'deliveries:read',
  'replay',
];

export const defaultApplication = 'default';

type Fields = Omit<ApplicationRow, 'id' | 'createdAt' | 'updatedAt' | 'noticeSecret' | 'version'>;
export type GivenApplication = Partial<Fields> & { name: string };
/** What is undefined stays as it is. */
export type ApplicationChange = { [Field in keyof Fields]?: Fields[Field] | undefined };
export type Removed = 'removed' | 'unknown' | { subscriptions: number };

export interface ApplicationsWanted {
  /** Only this one, for itself. */
  id?: string | undefined;
  state?: ApplicationState | undefined;
  cursor?: string | undefined;
  limit: number;
}

/** The third-party programs that own subscriptions. */
export class Applications {
  constructor(
    private readonly dataSource: DataSource,
    private readonly outbox: Outbox,
    private readonly secretsKey: SecretsKey,
  ) {}

  async create(given: GivenApplication): Promise<WrittenApplicationView> {
    return this.dataSource.transaction(async (manager) => {
      const view = this.writtenView(await this.createIn(manager, given));
      await keepAnswer(manager, () => view);
      return view;
    });
  }

  /** With the secret that is new, in clear. */
  writtenView(row: ApplicationRow, before?: ApplicationRow): WrittenApplicationView {
    return Object.assign(viewOf(row), shownSecret(this.secretsKey, before, row));
  }

  /** As part of a transaction of the caller. */
  async createIn(manager: EntityManager, given: GivenApplication): Promise<ApplicationRow> {
    const now = new Date();
    const row: ApplicationRow = {
      name: given.name,
      description: '',
      website: null,
      contactEmail: null,
      state: 'approved',
      scopes: [...ordinaryScopes],
      databases: null,
      models: null,
      companyIds: null,
      redirectUrls: [],
      ...whatIsGiven(given),
      ...noticeTarget(this.secretsKey, { noticeUrl: null, noticeSecret: null }, given.noticeUrl),
      id: newSortableId('app', now.getTime()),
      createdAt: now,
      updatedAt: now,
      version: newVersion(),
    };
    await manager.insert(applications, row);
    await recordChange(manager, { resource: resourceOf(row.id), after: row });
    return row;
  }

  /** One more than asked for, where there are more. */
  async list({ id, state, cursor, limit }: ApplicationsWanted): Promise<ApplicationRow[]> {
    const isAfter = (row: ApplicationRow): boolean => cursor === undefined || row.id > cursor;
    if (id !== undefined) {
      const own = await this.find(id);
      return own !== undefined && isAfter(own) && (state === undefined || own.state === state) ? [own] : [];
    }
    return this.dataSource.getRepository(applications).find({
      where: {
        ...(state === undefined ? {} : { state }),
        ...(cursor === undefined ? {} : { id: MoreThan(cursor) }),
      },
      order: { id: 'ASC' },
      take: limit + 1,
    });
  }

  async find(id: string): Promise<ApplicationRow | undefined> {
    return (await this.dataSource.getRepository(applications).findOneBy({ id })) ?? undefined;
  }

  async pendingCount(): Promise<number> {
    return this.dataSource.getRepository(applications).countBy({ state: 'pending' });
  }

  /** Its subscriptions are published anew: what it may not see any more is not sent to it. */
  async change(
    id: string,
    change: ApplicationChange,
    expected: Precondition,
  ): Promise<WrittenApplicationView | undefined> {
    return this.dataSource.transaction(async (manager) => {
      const row = await locked(manager, id);
      if (row === null) {
        return undefined;
      }
      expected.require(row.version);
      const target = noticeTarget(this.secretsKey, row, change.noticeUrl);
      const fields = { ...whatIsGiven(change), ...target, updatedAt: new Date(), version: newVersion() };
      await manager.update(applications, { id }, fields);
      await this.outbox.appendApplication(manager, id);
      await recordChange(manager, { resource: resourceOf(id), before: row, after: { ...row, ...fields } });
      return this.writtenView({ ...row, ...fields }, row);
    });
  }

  /** With all that it proves itself by; not while it has subscriptions. */
  async remove(id: string, expected: Precondition): Promise<Removed> {
    return this.dataSource.transaction(async (manager) => {
      const row = await locked(manager, id);
      if (row === null) {
        return 'unknown';
      }
      expected.require(row.version);
      const count = await manager.countBy(subscriptions, { applicationId: id });
      if (count > 0) {
        return { subscriptions: count };
      }
      await manager.delete(applications, { id });
      await recordChange(manager, { resource: resourceOf(id), before: row });
      return 'removed';
    });
  }
}

function resourceOf(id: string): string {
  return `applications/${id}`;
}

function locked(manager: EntityManager, id: string): Promise<ApplicationRow | null> {
  return manager.findOne(applications, { where: { id }, lock: { mode: 'pessimistic_write' } });
}

function whatIsGiven(change: ApplicationChange): Partial<Fields> {
  return Object.fromEntries(Object.entries(change).filter(([, value]) => value !== undefined));
}
