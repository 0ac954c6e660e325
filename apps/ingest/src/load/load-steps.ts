import type { Client } from 'pg';
import type { CapturedTable } from '../captured-tables.js';
import type { IdSet } from './id-set.js';
import { missingIds, readChunk, wantedIds, type ChunkLimits } from './load-chunk.js';
import type { LoadPace } from './load-pace.js';
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
const checksPerStep = 10;

export async function rowsStep(
  client: Client,
  { request, table, state, sequence }: StepBase,
  pace: LoadPace,
  limits: ChunkLimits,
): Promise<LoadStep> {
  const maxRows = pace.rowsAtOnce(limits.maxRows);
  const chunk = await readChunk(client, table, request, state.afterId, { ...limits, maxRows });
  pace.took(chunk.rows.length);
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
  const wanted = request.ofSomeIds ? await wantedIds(client, request) : undefined;
  const candidates = inTopic.idsAfter(state.afterId);
  let gone: bigint[] = [];
  let { afterId } = state;
  let isLast = false;
  for (let check = 0; check < checksPerStep && gone.length === 0 && !isLast; check += 1) {
    const ids: bigint[] = [];
    while (ids.length < idsPerCheck && !isLast) {
      const { value: id } = candidates.next();
      if (id === undefined) {
        isLast = true;
      } else {
        afterId = id;
        if (!settled.has(id) && wanted?.has(id) !== false) {
          ids.push(id);
        }
      }
    }
    gone = ids.length === 0 ? [] : await missingIds(client, table, ids);
  }
  const next: LoadState = { ...state, phase: isLast ? 'done' : 'deletes', afterId };
  return { table, requestId: request.id, rows: [], gone, sequence, state: next };
}
