export type RunState = 'running' | 'stopped' | 'done' | 'failed';
export const runStates: readonly RunState[] = ['running', 'stopped', 'done', 'failed'];

/** Something that sends deliveries in the background, through restarts: a redrive or a replay. */
export interface RunRow {
  id: string;
  /** Only counts. */
  dryRun: boolean;
  ratePerSecond: number;
  newIds: boolean;
  state: RunState;
  /** How far it is: always saved as a whole. */
  progress: object;
  /** Who works on it: only what this one saves is taken. */
  runner: string | null;
  /** Why it failed. */
  error: string | null;
  startedAt: Date;
  endedAt: Date | null;
}

/** Of one that begins now. */
export function newRun(now: Date): Pick<RunRow, 'state' | 'runner' | 'error' | 'startedAt' | 'endedAt'> {
  return { state: 'running', runner: null, error: null, startedAt: now, endedAt: null };
}

export function addOne<Name extends string>(counts: Partial<Record<Name, number>>, name: Name): void {
  counts[name] = (counts[name] ?? 0) + 1;
}

export function totalOf(counts: Readonly<Partial<Record<string, number>>>): number {
  return Object.values(counts).reduce<number>((sum, count) => sum + (count ?? 0), 0);
}
