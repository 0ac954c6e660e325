import { delay, RelayError } from '#libs/process';

/** For callers that do not wait through an outage. @throws RelayError KAFKA_UNAVAILABLE when there is no answer in time. */
export async function inTime<T>(answerMs: number, asking: Promise<T>): Promise<T> {
  const answered = new AbortController();
  const late = delay(answerMs, answered.signal).then(() => {
    throw new RelayError('KAFKA_UNAVAILABLE', `Kafka did not answer within ${String(answerMs)} ms`);
  });
  late.catch(() => undefined);
  asking.catch(() => undefined);
  try {
    return await Promise.race([asking, late]);
  } finally {
    answered.abort();
  }
}
