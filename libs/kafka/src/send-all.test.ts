import { describe, expect, it } from '@jest/globals';
import { checkAllAcknowledged, type Outgoing } from './send-all.js';

const sent: Outgoing[] = [
  { topic: 'a', message: { value: '1', partition: 0 } },
  { topic: 'a', message: { value: '2', partition: 1 } },
];

describe('the acknowledgement of a batch', () => {
  it('holds when every partition was answered', () => {
    const answers = [
      { topicName: 'a', partition: 1 },
      { topicName: 'a', partition: 0 },
    ];
    expect(() => {
      checkAllAcknowledged(sent, answers);
    }).not.toThrow();
  });

  it('does not hold when a partition was not answered, although kafkajs reports success', () => {
    expect(() => {
      checkAllAcknowledged(sent, [{ topicName: 'a', partition: 0 }]);
    }).toThrow('no acknowledgement for a/1');
  });
});
