import Cluster from 'kafkajs/src/cluster/index.js';
import ConsumerGroup from 'kafkajs/src/consumer/consumerGroup.js';
import Connection from 'kafkajs/src/network/connection.js';
import Encoder from 'kafkajs/src/protocol/encoder.js';
import RequestQueue from 'kafkajs/src/network/requestQueue/index.js';
import { registerCodecs } from './compression.js';
import { transactionRetry } from './kafkajs-retry.js';

/** What a consumer of ours hears from the consumer group kafkajs makes for it. */
export interface GroupObserver {
  /** Before each (re)join: the last moment to commit in the old generation. */
  beforeJoin(group: ConsumerGroup): Promise<void>;
  afterJoin(group: ConsumerGroup): Promise<void>;
  /** A heartbeat was answered that was sent then, on the monotonic clock, or later. */
  heard(sentAtMs: number): void;
  /** True once when the group is to be joined again, e.g. with other topics. */
  takeRejoinRequest(): boolean;
}

const observers = new WeakMap<Cluster, GroupObserver>();

/** The cluster is the one that kafkajs hands to the consumer's assigner. */
export function observeGroup(cluster: Cluster, observer: GroupObserver): void {
  observers.set(cluster, observer);
}

/** Makes kafkajs leave a fetch loop and join the group again, as it does when the coordinator asks for it. */
class RejoinRequested extends Error {
  readonly type = 'REBALANCE_IN_PROGRESS';
  readonly retriable = false;
}

let repaired = false;

/** Once per process, before the first client is made. */
export function repairKafkajs(): void {
  if (repaired) {
    return;
  }
  repaired = true;
  registerCodecs();
  repairIdleTimer();
  separateSockets();
  repairOffsetOutOfRange();
  announceJoins();
  rememberTransactionCoordinators();
  shrinkEncoders();
  // Else it asks for producer ids with its own default of tries.
  Cluster.prototype.retry = transactionRetry;
}

/** Without this each connection wakes up every millisecond for ever, although nothing is waiting. */
function repairIdleTimer(): void {
  // eslint-disable-next-line @typescript-eslint/unbound-method -- called with its own `this` below
  const original = RequestQueue.prototype.scheduleCheckPendingRequests;
  RequestQueue.prototype.scheduleCheckPendingRequests = function (this: RequestQueue): void {
    if (this.pending.length > 0) {
      original.call(this);
    }
  };
}

/** The size that stands before each answer. */
const sizeBytes = 4;

/**
 * A connection of kafkajs outlives its sockets, and what a broken one has left (half an answer, its end, its
 * error) reaches the next: all later answers are then read from a wrong place, so that requests time out for ever
 * or the process ends with a RangeError. So a socket begins when all of the one before is over, and only once.
 */
function separateSockets(): void {
  /* eslint-disable @typescript-eslint/unbound-method -- both are called with their own `this` */
  const { connect, disconnect } = Connection.prototype;
  /* eslint-enable @typescript-eslint/unbound-method */
  const connecting = new WeakMap<Connection, Promise<boolean>>();
  const disconnecting = new WeakMap<Connection, Promise<boolean>>();
  Connection.prototype.connect = async function (this: Connection): Promise<boolean> {
    await disconnecting.get(this);
    if (this.isConnected()) {
      return true;
    }
    const running = connecting.get(this);
    if (running !== undefined) {
      return running;
    }
    dropSocket(this);
    const started = connect.call(this);
    connecting.set(this, started);
    return started.finally(() => connecting.delete(this));
  };
  Connection.prototype.disconnect = function (this: Connection): Promise<boolean> {
    connecting.delete(this);
    const ended = disconnect.call(this).finally(() => disconnecting.delete(this));
    disconnecting.set(this, ended);
    return ended;
  };
}

function dropSocket(connection: Connection): void {
  const { socket } = connection;
  connection.chunks = [];
  connection.bytesBuffered = 0;
  connection.bytesNeeded = sizeBytes;
  socket?.removeAllListeners();
  socket?.on('error', () => undefined);
  socket?.destroy();
}

/** kafkajs would commit "from the start" and skip what is gone; we stop and say so. */
function repairOffsetOutOfRange(): void {
  ConsumerGroup.prototype.recoverFromOffsetOutOfRange = function (error: Error): Promise<void> {
    return Promise.reject(Object.assign(error, { retriable: false }));
  };
}

function announceJoins(): void {
  // Those who ask while a heartbeat is under way share it.
  const sharedSince = new WeakMap<ConsumerGroup, number>();
  /* eslint-disable @typescript-eslint/unbound-method -- both are called with their own `this` */
  const join = ConsumerGroup.prototype.joinAndSync;
  const heartbeat = ConsumerGroup.prototype.heartbeat;
  /* eslint-enable @typescript-eslint/unbound-method */
  ConsumerGroup.prototype.joinAndSync = async function (this: ConsumerGroup): Promise<void> {
    const observer = observers.get(this.cluster);
    await observer?.beforeJoin(this);
    await join.call(this);
    await observer?.afterJoin(this);
  };
  ConsumerGroup.prototype.heartbeat = async function (this: ConsumerGroup, options): Promise<void> {
    const observer = observers.get(this.cluster);
    if (observer?.takeRejoinRequest() === true) {
      throw new RejoinRequested('the subscription changed');
    }
    // Where the wall clock was set back, the next one would be due when it is there again.
    this.lastRequest = Math.min(this.lastRequest, Date.now());
    const { lastRequest } = this;
    const sentAtMs = sharedSince.get(this) ?? performance.now();
    sharedSince.set(this, sentAtMs);
    await heartbeat.call(this, options).finally(() => sharedSince.delete(this));
    if (this.lastRequest !== lastRequest) {
      observer?.heard(sentAtMs);
    }
  };
}

const transactionCoordinator = 1;
const coordinatorKnownMs = 5_000;

/** kafkajs asks who coordinates a transaction before each of its steps: two round trips of five. */
function rememberTransactionCoordinators(): void {
  // eslint-disable-next-line @typescript-eslint/unbound-method -- called with its own `this` below
  const find = Cluster.prototype.findGroupCoordinator;
  // A producer has a cluster of its own, so there is one transactional id to it.
  const known = new WeakMap<Cluster, { nodeId: string; untilMs: number }>();
  Cluster.prototype.findGroupCoordinator = async function (this: Cluster, asked) {
    const last = known.get(this);
    if (asked.coordinatorType !== transactionCoordinator) {
      return find.call(this, asked);
    }
    if (last !== undefined && performance.now() < last.untilMs) {
      return this.findBroker({ nodeId: last.nodeId });
    }
    const broker = await find.call(this, asked);
    known.set(this, { nodeId: broker.nodeId, untilMs: performance.now() + coordinatorKnownMs });
    return broker;
  };
}

const defaultEncoderBytes = 511;
const smallEncoderBytes = 64;

/** kafkajs takes and clears 512 bytes for each header of each record; an encoder can grow when it has to. */
function shrinkEncoders(): void {
  const nextPowerOfTwo = Encoder.nextPowerOfTwo.bind(Encoder);
  Encoder.nextPowerOfTwo = (bytes) =>
    bytes === defaultEncoderBytes ? smallEncoderBytes : nextPowerOfTwo(bytes);
  Encoder.prototype.ensureAvailable = function (this: Encoder, bytes: number): void {
    const wanted = this.offset + bytes;
    if (wanted > this.buf.length) {
      const larger = Buffer.alloc(nextPowerOfTwo(wanted));
      this.buf.copy(larger, 0, 0, this.offset);
      this.buf = larger;
    }
  };
}
