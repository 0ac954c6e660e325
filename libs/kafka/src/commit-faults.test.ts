import { afterEach, describe, expect, it } from '@jest/globals';
import Broker from 'kafkajs/src/broker/index.js';
import { eventually } from '../../../test/harness/eventually.js';
import { committed, freshTopic, Reader, upTo, via, write } from '../test/reader.js';

/* eslint-disable @typescript-eslint/unbound-method -- called with its own `this` */
const offsetCommit = Broker.prototype.offsetCommit;
/* eslint-enable @typescript-eslint/unbound-method */

afterEach(() => {
  Broker.prototype.offsetCommit = offsetCommit;
});

/** As kafkajs makes it of what a broker answers. */
function refusal(type: string): Error {
  return Object.assign(new Error(`refused: ${type}`), { type, retriable: true });
}

describe('a commit that is refused', () => {
  it.each(['NOT_COORDINATOR_FOR_GROUP', 'REBALANCE_IN_PROGRESS', 'UNKNOWN'])(
    'fault 45: (%s) is made again, and what is committed never goes back',
    async (type) => {
      const topic = await freshTopic(1);
      const group = `refused-${type}`;
      const asked: bigint[] = [];
      const accepted: bigint[] = [];
      Broker.prototype.offsetCommit = async function (this: Broker, request) {
        const offset = BigInt(request.topics[0]?.partitions[0]?.offset ?? -1);
        asked.push(offset);
        // Each third one is taken, also of those that come while records are finished.
        if (asked.length % 3 !== 0) throw refusal(type);
        const answer = await offsetCommit.call(this, request);
        accepted.push(offset);
        return answer;
      };
      const reader = await new Reader().start(via.kafka, { groupId: group, topics: [topic] });
      for (const round of upTo(5)) {
        await write(topic, 0, 20, round * 20);
        await eventually(async () => (await committed(group, topic, 0)) === String((round + 1) * 20));
      }
      expect(asked.length).toBeGreaterThanOrEqual(3 * accepted.length);
      expect(accepted).toEqual([...accepted].sort((a, b) => Number(a - b)));
      expect(reader.valuesOf(topic, 0)).toEqual(upTo(100));
      expect(reader.crashes).toEqual([]);
    },
  );
});
