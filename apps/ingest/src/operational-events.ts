import { createHash } from 'node:crypto';
import type { Kafka } from '#libs/kafka';
import { eventRecord, eventsTopicSpec, type OperationalEvent } from '#libs/operational-events';
import { delay, messageOf, RelayError } from '#libs/process';
import type { Logger } from '#libs/telemetry';

/** An end does not wait longer than this for its last word. */
const lastWordMs = 5_000;
const dayMs = 86_400_000;

/** Rare as they are, each has a producer of its own. */
export async function publishEvent(
  kafka: Pick<Kafka, 'ensureTopics' | 'publisher'>,
  database: string,
  id: string,
  event: OperationalEvent,
): Promise<void> {
  await kafka.ensureTopics([eventsTopicSpec]);
  const publisher = await kafka.publisher();
  try {
    await publisher.publish([eventRecord(database, id, event)]);
  } finally {
    await publisher.close();
  }
}

/** Tells events one after the other, as they happened; `id` is the same when one is told again. */
export function eventTeller(
  kafka: Pick<Kafka, 'ensureTopics' | 'publisher'>,
  { database, epoch, logger }: { database: string; epoch: string; logger: Logger },
): (id: string, event: OperationalEvent) => void {
  let told = Promise.resolve();
  // Through an outage of Kafka it waits; nobody waits for it.
  return (id, event) => {
    told = told
      .then(() => publishEvent(kafka, database, `${epoch}-${id}`, event))
      .catch((error: unknown) => {
        logger.warn({ event: event.kind, error: messageOf(error) }, 'an event was not written');
      });
  };
}

/**
 * That ingest ends because it is not the database that is in the topics; of other errors nothing. Started again and
 * again it says so once a day.
 */
export async function tellMismatch(
  kafka: Pick<Kafka, 'ensureTopics' | 'publisher'>,
  { database, logger }: { database: string; logger: Logger },
  error: unknown,
): Promise<void> {
  if (!(error instanceof RelayError) || error.code !== 'EPOCH_MISMATCH') {
    return;
  }
  const reason = error.message;
  const hash = createHash('sha256').update(reason).digest('base64url').slice(0, 22);
  const id = `${database}-mismatch-${hash}-${String(Math.floor(Date.now() / dayMs))}`;
  const written = publishEvent(kafka, database, id, { kind: 'capture.epoch_mismatch', reason });
  const failed = written.catch((cause: unknown) => {
    logger.warn({ error: messageOf(cause) }, 'an event was not written');
  });
  const inTime = new AbortController();
  await Promise.race([failed, delay(lastWordMs, inTime.signal)]);
  inTime.abort();
}
