import { deliveryTopics, type DeliveryTask } from '#libs/delivery-task';
import type { RecordSource } from '#libs/kafka';
import type { LaneJob, Urgency } from './lane.js';

/** A record that is to be acknowledged. */
export interface Finished {
  batch: RecordSource;
  offset: bigint;
}

/** What its lane lets it do. */
export interface DeliverySteps {
  run(delivery: Delivery): Promise<void>;
  putOff(delivery: Delivery): void;
}

/** A delivery between its record and its acknowledgement. */
export class Delivery implements LaneJob, Finished {
  /** It was put off and need not wait for its time: its endpoint takes more. */
  isEarly = false;
  /** What it still has to wait when its tier has held it as long as it does, milliseconds. */
  leftMs = 0;

  constructor(
    readonly task: DeliveryTask,
    readonly offset: bigint,
    readonly batch: RecordSource,
    private readonly steps: DeliverySteps,
  ) {}

  get record(): string {
    return this.task.record;
  }

  get partition(): number {
    return this.batch.partition;
  }

  get urgency(): Urgency {
    if (this.task.redrive !== null) {
      return 'replay';
    }
    return this.batch.topic === deliveryTopics.first ? 'first' : 'again';
  }

  /** It waits for its endpoint and not for its time. */
  get isDeferred(): boolean {
    return this.task.deferred !== false;
  }

  get isOnlyLate(): boolean {
    const { attempts, redrive, deferred } = this.task;
    return attempts === 0 && redrive === null && deferred !== 'down';
  }

  /** Its partition was taken away: nothing that is done for it counts. */
  get lost(): boolean {
    return this.batch.signal.aborted;
  }

  run(): Promise<void> {
    return this.steps.run(this);
  }

  putOff(): void {
    this.steps.putOff(this);
  }
}
