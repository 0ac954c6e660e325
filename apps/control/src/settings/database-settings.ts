import { In, type DataSource, type EntityManager } from 'typeorm';
import { recordChange } from '../audit/audit-trail.js';
import type { Outbox } from '../feed/outbox.js';
import { newVersion, withVersion, type Precondition } from '../http/versions.js';
import { databaseSettings, type DatabaseSettingsRow } from '../persistence/rows.js';
import type { DatabaseSettingsView } from './delivery-settings-view.js';
import {
  effectiveSettings,
  patchedOverride,
  type SettingsOverride,
  type SettingsPatch,
} from './effective-settings.js';

const publishWaitMs = 2_000;

/** What the databases set for their subscriptions; a change publishes all of these anew. */
export class DatabaseSettings {
  constructor(
    private readonly dataSource: DataSource,
    private readonly outbox: Outbox,
  ) {}

  async find(database: string): Promise<DatabaseSettingsView> {
    const row = await this.dataSource.getRepository(databaseSettings).findOneBy({ database });
    return viewOf(row ?? nothingSet(database));
  }

  /** Replaces them as a whole; what is left out is the default again. */
  async replace(
    database: string,
    given: SettingsPatch,
    expected: Precondition,
  ): Promise<DatabaseSettingsView> {
    const row = { database, settings: patchedOverride({}, given), version: newVersion() };
    const sequence = await this.dataSource.transaction(async (manager) => {
      const before = await lockedRow(manager, database);
      expected.require(before.version);
      await manager.update(databaseSettings, { database }, row);
      await recordChange(manager, {
        resource: `databases/${database}/settings`,
        before: before.settings,
        after: row.settings,
      });
      return this.outbox.append(manager, { database });
    });
    await this.outbox.waitUntilPublished(sequence, publishWaitMs).catch(() => false);
    return viewOf(row);
  }
}

/** Made where there is none, so that of two who set the first ones the second waits for the first. */
async function lockedRow(manager: EntityManager, database: string): Promise<DatabaseSettingsRow> {
  const none = nothingSet(database);
  await manager.createQueryBuilder().insert().into(databaseSettings).values(none).orIgnore().execute();
  const lock = { mode: 'pessimistic_write' } as const;
  return (await manager.findOne(databaseSettings, { where: { database }, lock })) ?? none;
}

function nothingSet(database: string): DatabaseSettingsRow {
  return { database, settings: {}, version: 'defaults' };
}

function viewOf({ database, settings, version }: DatabaseSettingsRow): DatabaseSettingsView {
  return withVersion({ database, ...effectiveSettings(settings) }, version);
}

/** The tables, or the tables as a transaction sees them. */
export type RowSource = Pick<EntityManager, 'getRepository'> | DataSource;

/** What the named databases set, each nothing by default. */
export async function overridesOf(
  source: RowSource,
  databases: readonly string[],
): Promise<(database: string) => SettingsOverride> {
  const rows = await source.getRepository(databaseSettings).findBy({ database: In([...new Set(databases)]) });
  const byDatabase = new Map(rows.map((row) => [row.database, row.settings]));
  return (database) => byDatabase.get(database) ?? {};
}
