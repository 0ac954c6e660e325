import type { Client } from 'pg';
import type { CapturedTable } from '../captured-tables.js';
import type { IdSet } from './id-set.js';
import { missingIds, readChunk, wantedIds, type ChunkLimits } from './load-chunk.js';
import type { LoadRequest } from './load-request.js';
import type { LoadState, LoadStep } from './load-state.js';

/** What a step begins with. */
export interface StepBase {
  request: LoadRequest;
  table: CapturedTable;
  state: LoadState;
  sequence: bigint;
}

const idsPerCheck = 1_000;
/** Most are settled, and cost next to nothing each; but nobody else has a turn meanwhile. */
const idsPerStep = 20_000;

export async function rowsStep(
  client: Client,
  { request, table, state, sequence }: StepBase,
  limits: ChunkLimits,
): Promise<LoadStep> {
  const chunk = await readChunk(client, table, request, state.afterId, limits);
  const next: LoadState = {
    ...state,
    phase: chunk.isLast ? 'deletes' : 'rows',
    afterId: chunk.isLast ? null : chunk.afterId,
    rowsDone: state.rowsDone + BigInt(chunk.rows.length),
  };
  return { table, requestId: request.id, rows: chunk.rows, gone: [], sequence, state: next };
}

/** What the topic had when the load began, was not settled since, and the table does not have. */
export async function deletesStep(
  client: Client,
  { request, table, state, sequence }: StepBase,
  inTopic: IdSet,
  settled: IdSet,
): Promise<LoadStep> {
  const wanted = request.ofSomeIds ? await wantedIds(client, table, request) : undefined;
  const ids: bigint[] = [];
  let { afterId } = state;
  let looked = 0;
  const candidates = (wanted ?? inTopic).idsAfter(afterId);
  let candidate = candidates.next();
  for (; candidate.done !== true; candidate = candidates.next()) {
    if (looked === idsPerStep || ids.length === idsPerCheck) {
      break;
    }
    looked += 1;
    afterId = candidate.value;
    if (inTopic.has(afterId) && !settled.has(afterId)) {
      ids.push(afterId);
    }
  }
  const isLast = candidate.done === true;
  const gone = ids.length === 0 ? [] : await missingIds(client, table, ids);
  const next: LoadState = { ...state, phase: isLast ? 'done' : 'deletes', afterId };
  return { table, requestId: request.id, rows: [], gone, sequence, state: next };
}
