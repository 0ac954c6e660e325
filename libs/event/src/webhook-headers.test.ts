import { describe, expect, it } from '@jest/globals';
import type { DeliveryTask } from '#libs/delivery-task';
import { webhookHeaders } from './webhook-headers.js';

const task: DeliveryTask = {
  webhookId: 'msg_1',
  subscriptionId: 's',
  changeId: 'e1-7',
  sequence: 7n,
  eventType: 'sale.order.confirmed',
  contentType: 'application/json',
  database: 'acme',
  record: 'sale.order,17',
  committedAtMs: 1_795_451_071_349,
  expiresAtMs: 0,
  attempts: 0,
  dueAtMs: 0,
  lastOutcome: null,
  deferred: false,
  redrive: null,
  cloudEvent: false,
  traceparent: null,
  body: Buffer.from('{}'),
};

function headersOf(given: Partial<DeliveryTask>): Record<string, string> {
  const pairs = webhookHeaders({ ...task, ...given }, [Buffer.alloc(32)], 1_795_451_071_999);
  return Object.fromEntries(
    pairs.flatMap((name, index) => (index % 2 === 0 ? [[name, pairs[index + 1] ?? '']] : [])),
  );
}

describe('the headers of an attempt', () => {
  it('are those of Standard Webhooks', () => {
    expect(headersOf({})).toEqual({
      'content-type': 'application/json',
      'user-agent': 'Odoo-Relay/0.1',
      'webhook-id': 'msg_1',
      'webhook-timestamp': '1795451071',
      'webhook-signature': expect.stringMatching(/^v1,/) as unknown,
    });
  });

  it('of a CloudEvent in binary mode hold its attributes', () => {
    expect(headersOf({ cloudEvent: true })).toMatchObject({
      'ce-specversion': '1.0',
      'ce-id': 'e1-7',
      'ce-source': '/odoo/acme/sale.order',
      'ce-type': 'sale.order.confirmed',
      'ce-subject': '17',
      'ce-time': '2026-11-23T16:24:31.349Z',
      'ce-sequence': '0000000000000000007',
    });
  });

  it('fault 106: what is no printable ASCII is percent-encoded, as are space, quote and percent', () => {
    expect(headersOf({ cloudEvent: true, eventType: 'a b"%ä\r\nx: 1€😀' })['ce-type']).toBe(
      'a%20b%22%25%C3%A4%0D%0Ax:%201%E2%82%AC%F0%9F%98%80',
    );
  });
});
