import { messageOf, RelayError } from '#libs/process';
import { probeKafka, probePostgres, probeRegistry } from './probes.js';

/** Pieces that run already and are used instead of starting one. */
export interface ExistingPieces {
  /** KAFKA_BROKERS, each `host:port`. */
  readonly brokers?: readonly string[] | undefined;
  /** SCHEMA_REGISTRY_URL */
  readonly schemaRegistryUrl?: string | undefined;
  /** DATABASE_URL */
  readonly databaseUrl?: string | undefined;
}

/** Rejects with one sentence for the first piece that does not answer. */
export async function checkExisting(existing: ExistingPieces): Promise<void> {
  if (existing.brokers !== undefined) await checkBrokers(existing.brokers);
  if (existing.schemaRegistryUrl !== undefined) {
    const url = existing.schemaRegistryUrl;
    await probeRegistry(url).catch((error: unknown) => {
      throw new RelayError(
        'REGISTRY_UNAVAILABLE',
        `No schema registry answers at ${url} (${messageOf(error)}): start it, or unset SCHEMA_REGISTRY_URL to have one started.`,
        { cause: error },
      );
    });
  }
  if (existing.databaseUrl !== undefined) {
    const url = existing.databaseUrl;
    await probePostgres(url).catch((error: unknown) => {
      throw new RelayError(
        'POSTGRES_UNAVAILABLE',
        `Postgres cannot be used at ${withoutPassword(url)} (${messageOf(error)}): start it or correct the address, or unset DATABASE_URL to have one started.`,
        { cause: error },
      );
    });
  }
}

async function checkBrokers(brokers: readonly string[]): Promise<void> {
  const answers = await Promise.allSettled(
    brokers.map(async (broker) => {
      const { hostname, port } = new URL(`kafka://${broker}`);
      await probeKafka(hostname, Number(port === '' ? 9092 : port));
    }),
  );
  if (answers.some(({ status }) => status === 'fulfilled')) return;
  const reasons = answers.flatMap((answer) =>
    answer.status === 'rejected' ? [messageOf(answer.reason)] : [],
  );
  throw new RelayError(
    'KAFKA_UNAVAILABLE',
    `No Kafka broker answers at ${brokers.join(', ')} (${reasons.join('; ')}): start it, or unset KAFKA_BROKERS to have one started.`,
  );
}

function withoutPassword(url: string): string {
  return url.replace(/:[^:@/]*@/, ':***@');
}
