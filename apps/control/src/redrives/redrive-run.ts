import { deliveryTopics } from '#libs/delivery-task';
import type { IncomingRecord, Publisher } from '#libs/kafka';
import type { RedriveRow } from '../persistence/rows.js';
import { PacedSending } from '../runs/paced-sending.js';
import { addOne } from '../runs/run-row.js';
import type { RunEnd } from '../runs/runner.js';
import { isTrimmed } from './dead-letter.js';
import type { RangeProgress, RedriveProgress } from './redrive-progress.js';
import { RedriveRecords, type Decision, type LetterSources } from './redrive-records.js';
import { letterFilter, reasonOf } from './selection.js';

export interface RunParts extends LetterSources {
  publisher: Publisher;
  /** Resolves when it is kept for whoever goes on. */
  save(progress: RedriveProgress): Promise<void>;
}

/** Each may bring back a body of 1 MB. */
const maxTrimmedPerStep = 16;

/**
 * One redrive from where it stands to its end, partition by partition:
 *
 *   page of letters ─► those of the selection ─► step: decide, wait for its turn, publish, count, save ─► next
 *
 * The position is saved behind what is published, so a crash repeats at most one step, under the same ids.
 */
export class RedriveRun {
  private readonly progress: RedriveProgress;
  private readonly sending: PacedSending;
  private readonly records: RedriveRecords;

  constructor(
    private readonly redrive: RedriveRow,
    private readonly parts: RunParts,
  ) {
    this.progress = structuredClone(redrive.progress);
    this.sending = new PacedSending(redrive, parts.publisher);
    this.records = new RedriveRecords(parts, redrive);
  }

  /** Resolves when all is sent, or after the step under way when the signal aborts. */
  async run(signal: AbortSignal): Promise<RunEnd> {
    for (const range of this.progress.ranges) {
      await this.readRange(range, signal);
    }
    return signal.aborted ? 'interrupted' : 'done';
  }

  private async readRange(range: RangeProgress, signal: AbortSignal): Promise<void> {
    const { partition, next, end } = range;
    if (signal.aborted || next === end) {
      return;
    }
    const isSelected = letterFilter(this.redrive.selection);
    const stretch = { partition, from: BigInt(next), to: BigInt(end) };
    for await (const page of this.parts.kafka.readRange(deliveryTopics.dead, stretch)) {
      const steps = stepsOf(page.records.filter(isSelected), this.sending.recordsPerStep);
      for (const step of steps) {
        if (!(await this.take(step, signal))) {
          return;
        }
        await this.moveTo(range, (step.at(-1)?.offset ?? 0n) + 1n);
      }
      await this.moveTo(range, page.next);
      if (isAborted(signal)) {
        return;
      }
    }
    // Retention may have taken the rest.
    await this.moveTo(range, BigInt(end));
  }

  private async moveTo(range: RangeProgress, next: bigint): Promise<void> {
    if (range.next !== String(next)) {
      range.next = String(next);
      await this.parts.save(this.progress);
    }
  }

  /** false when the signal came first: then nothing of the step has happened. */
  private async take(letters: readonly IncomingRecord[], signal: AbortSignal): Promise<boolean> {
    const decisions = await this.records.of(letters);
    const records = decisions.flatMap((decision) => (decision.kind === 'send' ? [decision.record] : []));
    const refused = await this.sending.send(records, signal);
    if (refused === undefined) {
      return false;
    }
    letters.forEach((letter) => {
      addOne(this.progress.matched, reasonOf(letter));
    });
    decisions.forEach((decision) => {
      this.count(decision, refused);
    });
    return true;
  }

  private count(decision: Decision, refused: ReadonlySet<unknown>): void {
    if (decision.kind === 'skip') {
      addOne(this.progress.skipped, decision.why);
    } else if (refused.has(decision.record)) {
      addOne(this.progress.skipped, 'too-large');
    } else if (!this.redrive.dryRun) {
      this.progress.sent++;
    }
  }
}

/** Asked again after a wait: the compiler believes that it is still as before. */
function isAborted(signal: AbortSignal): boolean {
  return signal.aborted;
}

/** In their order; a step is bounded in letters, and in those whose bodies have to be fetched. */
export function stepsOf(letters: readonly IncomingRecord[], maxLetters: number): IncomingRecord[][] {
  const steps: IncomingRecord[][] = [];
  let trimmed = 0;
  for (const letter of letters) {
    const last = steps.at(-1);
    trimmed += isTrimmed(letter) ? 1 : 0;
    if (last === undefined || last.length === maxLetters || trimmed > maxTrimmedPerStep) {
      steps.push([letter]);
      trimmed = isTrimmed(letter) ? 1 : 0;
    } else {
      last.push(letter);
    }
  }
  return steps;
}
