import { In, type DataSource } from 'typeorm';
import type { DeliverySettings } from '#libs/subscription';
import type { Outbox } from '../feed/outbox.js';
import { databaseSettings } from '../persistence/rows.js';
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

  async find(database: string): Promise<DeliverySettings> {
    const ofDatabase = await overridesOf(this.dataSource, [database]);
    return effectiveSettings(ofDatabase(database));
  }

  /** Replaces them as a whole; what is left out is the default again. */
  async replace(database: string, given: SettingsPatch): Promise<DeliverySettings> {
    const settings = patchedOverride({}, given);
    const sequence = await this.dataSource.transaction(async (manager) => {
      await manager.upsert(databaseSettings, { database, settings }, ['database']);
      return this.outbox.append(manager, { database });
    });
    await this.outbox.waitUntilPublished(sequence, publishWaitMs).catch(() => false);
    return effectiveSettings(settings);
  }
}

/** What the named databases set, each nothing by default. */
export async function overridesOf(
  dataSource: DataSource,
  databases: readonly string[],
): Promise<(database: string) => SettingsOverride> {
  const rows = await dataSource
    .getRepository(databaseSettings)
    .findBy({ database: In([...new Set(databases)]) });
  const byDatabase = new Map(rows.map((row) => [row.database, row.settings]));
  return (database) => byDatabase.get(database) ?? {};
}
