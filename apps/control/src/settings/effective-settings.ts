import { defaultDeliverySettings, type DeliverySettings, type Ordering } from '#libs/subscription';

/** What a database or a subscription sets for itself; what is left out comes from the level above. */
export interface SettingsOverride {
  timeoutMs?: number;
  retryDelaysMs?: readonly number[];
  /** A number of retries at the delays of the level above; never beside `retryDelaysMs`. */
  retries?: number;
  disableAfter?: number;
  expiresAfterMs?: number;
  ordering?: Ordering;
  /** Requests under way at once. */
  concurrency?: number;
  /** Requests a second. */
  rateLimitPerS?: number;
}

/** As it comes in: null takes an override back. */
export type SettingsPatch = {
  readonly [Name in keyof SettingsOverride]?: SettingsOverride[Name] | null | undefined;
};

/** Defaults, then the overrides in the order given, the more special last. */
export function effectiveSettings(...overrides: readonly SettingsOverride[]): DeliverySettings {
  return overrides.reduce<DeliverySettings>(
    (above, override) => ({
      timeoutMs: override.timeoutMs ?? above.timeoutMs,
      retryDelaysMs: retryDelays(override, above.retryDelaysMs),
      disableAfter: override.disableAfter ?? above.disableAfter,
      expiresAfterMs: override.expiresAfterMs ?? above.expiresAfterMs,
      ordering: override.ordering ?? above.ordering,
      concurrency: override.concurrency ?? above.concurrency,
      rateLimitPerS: override.rateLimitPerS ?? above.rateLimitPerS,
    }),
    defaultDeliverySettings,
  );
}

function retryDelays(override: SettingsOverride, above: readonly number[]): readonly number[] {
  if (override.retryDelaysMs !== undefined) {
    return override.retryDelaysMs;
  }
  return override.retries === undefined ? above : delaysFor(override.retries, above);
}

/** The first `retries` delays; what is missing repeats the last one. */
function delaysFor(retries: number, above: readonly number[]): number[] {
  const delays = above.length > 0 ? above : defaultDeliverySettings.retryDelaysMs;
  const last = delays.at(-1) ?? 0;
  return Array.from({ length: retries }, (_, index) => delays[index] ?? last);
}

/** The override after a patch. A number of retries replaces a list of delays, and the other way round. */
export function patchedOverride(current: SettingsOverride, patch: SettingsPatch): SettingsOverride {
  const given = Object.entries(patch).filter(([, value]) => value !== undefined);
  const replaced = new Set<string>();
  if ((patch.retries ?? null) !== null) {
    replaced.add('retryDelaysMs');
  }
  if ((patch.retryDelaysMs ?? null) !== null) {
    replaced.add('retries');
  }
  const kept = Object.entries(current).filter(([name]) => !replaced.has(name));
  const merged: Record<string, unknown> = { ...Object.fromEntries(kept), ...Object.fromEntries(given) };
  return Object.fromEntries(Object.entries(merged).filter(([, value]) => value !== null));
}
