import { describe, expect, it } from '@jest/globals';
import type { Producer } from 'kafkajs';
import { silentLogger } from '#libs/telemetry';
import { OutageLog } from './outage-log.js';
import { ProducerLink } from './producer-link.js';
import type { Outgoing } from './send-all.js';

const record: Outgoing = { topic: 't', message: { value: 'v', partition: 0 } };
const connectionError = (): Error => new Error('Broker not connected');
const protocolError = (type: string): Error => Object.assign(new Error(type), { type });

/** Producers that answer their batches as written: an error, or `ok`. */
function producers(...scripts: (Error | 'ok')[][]): {
  make: () => Producer;
  sent: number[];
  closed: number[];
} {
  const sent: number[] = [];
  const closed: number[] = [];
  let made = 0;
  const make = (): Producer => {
    const number = made++;
    const script = [...(scripts[number] ?? [])];
    return {
      connect: () => Promise.resolve(),
      disconnect: () => {
        closed.push(number);
        return Promise.resolve();
      },
      sendBatch: () => {
        sent.push(number);
        const answer = script.shift() ?? 'ok';
        return answer === 'ok' ? Promise.resolve([{ topicName: 't', partition: 0 }]) : Promise.reject(answer);
      },
    } as unknown as Producer;
  };
  return { make, sent, closed };
}

async function link(make: () => Producer): Promise<ProducerLink> {
  return ProducerLink.open(make, new OutageLog(silentLogger, 'test'), new AbortController().signal);
}

describe('a batch with an unknown outcome', () => {
  it('is sent again by the same producer, whose sequence numbers double nothing (G1)', async () => {
    const { make, sent, closed } = producers([connectionError(), 'ok']);
    await (await link(make)).send([record]);
    expect(sent).toEqual([0, 0]);
    expect(closed).toEqual([1]);
  });

  it('fault 16: is sent by a new producer at once when the sequence is no longer accepted (G3)', async () => {
    for (const type of ['OUT_OF_ORDER_SEQUENCE_NUMBER', 'UNKNOWN_PRODUCER_ID']) {
      const { make, sent, closed } = producers([
        protocolError(type),
        protocolError(type),
        protocolError(type),
      ]);
      await (await link(make)).send([record]);
      expect(sent).toEqual([0, 1]);
      expect(closed).toEqual([0]);
    }
  });

  it('is sent by a new producer when the old one is stuck (G3)', async () => {
    const stuck = Array.from({ length: 50 }, connectionError);
    const { make, sent } = producers(stuck, ['ok']);
    await (await link(make)).send([record]);
    expect(sent).toEqual([0, 0, 1]);
  });
});

describe('a batch that is refused for good', () => {
  it('is not sent again, and what follows gets new sequence numbers', async () => {
    const { make, sent, closed } = producers([protocolError('MESSAGE_TOO_LARGE')]);
    const producer = await link(make);
    await expect(producer.send([record])).rejects.toThrow('MESSAGE_TOO_LARGE');
    await producer.send([record]);
    expect(sent).toEqual([0, 1]);
    expect(closed).toEqual([0]);
  });
});
