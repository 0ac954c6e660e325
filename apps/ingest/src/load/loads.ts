import type { Client } from 'pg';
import { isConnectionLost, sqlStateOf } from '#libs/postgres';
import { messageOf } from '#libs/process';
import type { Logger } from '#libs/telemetry';
import type { CapturedTable } from '../captured-tables.js';
import type { NetChange } from '../outbox-reader.js';
import type { Snapshot } from '../snapshot.js';
import { idSetOf, type IdSet } from './id-set.js';
import { isAsSeen, type ChunkLimits } from './load-chunk.js';
import type { LoadPace } from './load-pace.js';
import {
  finishRequest,
  nextRequest,
  noteProgress,
  startRequest,
  type LoadReason,
  type LoadRequest,
} from './load-request.js';
import type { LoadState, LoadStep } from './load-state.js';
import { deletesStep, rowsStep, type StepBase } from './load-steps.js';
import { hasPassed, markSequence, type SequenceMark } from './sequence-mark.js';

export interface LoadParts {
  table(name: string): CapturedTable | undefined;
  /** The ids that a table's topic has now; undefined when it was aborted. */
  topicIds(table: CapturedTable, signal: AbortSignal): Promise<IdSet | undefined>;
  pace: LoadPace;
  limits: ChunkLimits;
  logger: Logger;
}

/** The load that is under way. */
interface ActiveLoad {
  request: LoadRequest;
  mark: SequenceMark;
  rowsEstimated: number;
  /** What the topic had when the load began; undefined while that is being read. */
  inTopic: IdSet | undefined;
  /** Ids of which the topic has had the truth since then: their rows were loaded or their deletes published. */
  settled: IdSet;
  stopped: AbortController;
  beganAtMs: number;
  rowsBefore: bigint | undefined;
  problem: string | undefined;
}

const lookIntervalMs = 500;
const waitIntervalMs = 100;
const progressIntervalMs = 1_000;
const logIntervalMs = 10_000;

/** A table that was never in its topic, or whose topic is new, has nothing that a loaded row must be newer than. */
const mayLookOld: ReadonlySet<LoadReason> = new Set(['installed', 'schema']);

/**
 * Works off `relay.load_request`, oldest first, one at a time, in steps: each is what the reader's snapshot
 * shows of a table after all changes that this snapshot saw.
 */
export class Loads {
  private active: ActiveLoad | undefined;
  private nextLookMs = -Infinity;
  private notBeforeMs = -Infinity;
  private notedAtMs = -Infinity;
  private loggedAtMs = -Infinity;

  constructor(private readonly parts: LoadParts) {}

  stop(): void {
    this.active?.stopped.abort();
  }

  /** Whether a step can be made now. Looks for a request now and then. */
  async isDue(client: Client, published: LoadState | null): Promise<boolean> {
    const nowMs = performance.now();
    if (this.active === undefined && nowMs >= this.nextLookMs) {
      this.nextLookMs = nowMs + lookIntervalMs;
      const request = await nextRequest(client);
      if (request !== undefined) {
        await this.begin(client, request, published);
      }
    }
    const { active } = this;
    if (active === undefined) {
      return false;
    }
    const state = stateOf(active, published);
    if (active.problem !== undefined) {
      await this.giveUp(client, active.request, active.problem, state.rowsDone);
      return false;
    }
    if (state.phase === 'done') {
      await this.finish(client, active.request, state);
      return false;
    }
    return this.isReady(active, state);
  }

  /** To be told of all changes that are published, before the next step. */
  see(changes: readonly NetChange[]): void {
    const { active } = this;
    if (active === undefined) {
      return;
    }
    for (const { table, recordId, after } of changes) {
      if (after === null && table === active.request.relation) {
        active.settled.add(BigInt(recordId));
      }
    }
  }

  /**
   * Reads what comes next, in the transaction of `snapshot`; all that it saw is published before. undefined when
   * it is not time for that: batches of changes come more often than steps are due.
   */
  async step(client: Client, snapshot: Snapshot, published: LoadState | null): Promise<LoadStep | undefined> {
    const { active } = this;
    if (active === undefined || !this.isReady(active, stateOf(active, published))) {
      return undefined;
    }
    const table = this.parts.table(active.request.relation);
    if (table === undefined) {
      active.problem = notCaptured(active.request.relation);
      return undefined;
    }
    const state = stateOf(active, published);
    const passed = hasPassed(state.mark, snapshot);
    if (!passed && (state.phase === 'deletes' || !mayLookOld.has(active.request.reason))) {
      // Live changes go on meanwhile.
      this.notBeforeMs = performance.now() + waitIntervalMs;
      return undefined;
    }
    const { pace, limits } = this.parts;
    const { request, settled, inTopic } = active;
    const sequence = passed ? state.mark.sequence : 0n;
    const next: StepBase = { request, table, state, sequence };
    await client.query('savepoint load');
    try {
      const step = await (state.phase === 'deletes'
        ? deletesStep(client, next, inTopic ?? idSetOf(table), settled)
        : rowsStep(client, next, { ...limits, maxRows: pace.rowsAtOnce(limits.maxRows) }));
      if (await isAsSeen(client, table)) {
        return step;
      }
      this.notBeforeMs = performance.now() + waitIntervalMs;
    } catch (error) {
      if (sqlStateOf(error) === undefined || isConnectionLost(error)) {
        throw error;
      }
      await client.query('rollback to savepoint load');
      active.problem = messageOf(error);
    }
    return undefined;
  }

  /** After the step's transaction. */
  async published(client: Client, { state, rows, gone }: LoadStep): Promise<void> {
    this.parts.pace.took(rows.length + gone.length);
    const { active } = this;
    if (active === undefined) {
      return;
    }
    for (const { recordId } of rows) {
      active.settled.add(BigInt(recordId));
    }
    const nowMs = performance.now();
    if (nowMs - this.notedAtMs >= progressIntervalMs) {
      this.notedAtMs = nowMs;
      if (!(await noteProgress(client, state.requestId, state.rowsDone))) {
        this.parts.logger.warn({ request: state.requestId }, 'a load was taken back: it ends here');
        this.end();
        return;
      }
    }
    if (nowMs - this.loggedAtMs >= logIntervalMs) {
      this.loggedAtMs = nowMs;
      this.parts.logger.info(progressOf(active, state, nowMs), 'a load is under way');
    }
  }

  private isReady({ inTopic, problem }: ActiveLoad, { phase }: LoadState): boolean {
    const isKnown = phase === 'rows' || (phase === 'deletes' && inTopic !== undefined);
    return (
      isKnown && problem === undefined && performance.now() >= this.notBeforeMs && this.parts.pace.isFree
    );
  }

  private async begin(client: Client, request: LoadRequest, published: LoadState | null): Promise<void> {
    const { logger } = this.parts;
    const earlier = published?.requestId === request.id ? published : undefined;
    if (earlier?.phase === 'done') {
      // Ingest ended before it could say so.
      await this.finish(client, request, earlier);
      return;
    }
    const table = this.parts.table(request.relation);
    if (table === undefined) {
      await this.giveUp(client, request, notCaptured(request.relation), 0n);
      return;
    }
    const active: ActiveLoad = {
      request,
      mark: earlier?.mark ?? (await markSequence(client)),
      rowsEstimated: await startRequest(client, request),
      inTopic: undefined,
      settled: idSetOf(table),
      stopped: new AbortController(),
      beganAtMs: performance.now(),
      rowsBefore: earlier?.rowsDone,
      problem: undefined,
    };
    this.active = active;
    this.loggedAtMs = active.beganAtMs;
    // While its rows are loaded already.
    void this.parts.topicIds(table, active.stopped.signal).then((ids) => {
      active.inTopic = ids;
    });
    const { id, relation, reason } = request;
    logger.info(
      { request: id, table: relation, reason, rowsEstimated: active.rowsEstimated },
      'a load begins',
    );
  }

  private async finish(client: Client, { id, relation }: LoadRequest, state: LoadState): Promise<void> {
    await finishRequest(client, id, state.rowsDone);
    this.parts.logger.info(
      { request: id, table: relation, rows: Number(state.rowsDone) },
      'a load is finished',
    );
    this.end();
  }

  private async giveUp(client: Client, request: LoadRequest, problem: string, done: bigint): Promise<void> {
    await finishRequest(client, request.id, done, problem);
    const { id, relation } = request;
    this.parts.logger.error({ request: id, table: relation }, `a load cannot be done: ${problem}`);
    this.end();
  }

  private end(): void {
    this.active?.stopped.abort();
    this.active = undefined;
    // The next one may be waiting.
    this.nextLookMs = -Infinity;
  }
}

function stateOf({ request, mark }: ActiveLoad, published: LoadState | null): LoadState {
  return published?.requestId === request.id
    ? published
    : { requestId: request.id, phase: 'rows', afterId: null, rowsDone: 0n, mark };
}

function notCaptured(relation: string): string {
  return `${relation} is no captured table with an id or a pair of them: see MODELS and RELATION_TABLES`;
}

function progressOf(active: ActiveLoad, state: LoadState, nowMs: number): Record<string, unknown> {
  const rowsDone = Number(state.rowsDone);
  const since = rowsDone - Number(active.rowsBefore ?? 0n);
  const seconds = (nowMs - active.beganAtMs) / 1000;
  const left = Math.max(0, active.rowsEstimated - rowsDone);
  return {
    request: state.requestId,
    table: active.request.relation,
    rowsDone,
    rowsEstimated: active.rowsEstimated,
    secondsLeft: since === 0 ? null : Math.ceil((left * seconds) / since),
  };
}
