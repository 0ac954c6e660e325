import type { Kafka as KafkajsClient } from 'kafkajs';
import type Cluster from 'kafkajs/src/cluster/index.js';

/** Transactions that are open or were aborted stay unseen. */
export const readCommitted = 1;
/** For the question where a log ends. */
const readUncommitted = 0;

interface ClusterOptions {
  metadataMaxAge: number;
  allowAutoTopicCreation: boolean;
  isolationLevel: number;
}

/** kafkajs keeps the constructor of its clusters behind a symbol; producers and consumers are made with it. */
export function createCluster(client: KafkajsClient): Cluster {
  const symbol = Object.getOwnPropertySymbols(client).find(
    ({ description }) => description === 'private:Kafka:createCluster',
  );
  const create =
    symbol &&
    (client as unknown as Record<symbol, ((options: ClusterOptions) => Cluster) | undefined>)[symbol];
  if (create === undefined) {
    throw new TypeError('this version of kafkajs cannot make a cluster');
  }
  return create({ metadataMaxAge: 30_000, allowAutoTopicCreation: false, isolationLevel: readUncommitted });
}
