import type { AvroSchema } from '#libs/kafka';

const strings = { type: 'array', items: 'string' };

/** Value of `relay.subscriptions`: {@link Subscription} with Avro's names. Times and delays in milliseconds. */
export const subscriptionSchema: AvroSchema = {
  type: 'record',
  name: 'Subscription',
  namespace: 'relay',
  fields: [
    { name: 'id', type: 'string' },
    { name: 'application_id', type: 'string' },
    { name: 'database', type: 'string' },
    { name: 'event_types', type: strings },
    { name: 'format', type: 'string', doc: 'json or xml' },
    { name: 'url', type: 'string' },
    { name: 'secrets', type: strings, doc: 'encrypted; the first signs, further ones sign too' },
    { name: 'enabled', type: 'boolean' },
    { name: 'enabled_epoch', type: 'int', doc: 'counts re-enablings' },
    { name: 'since_ms', type: 'long', doc: 'milliseconds since 1970; changes read before are not for it' },
    {
      name: 'settings',
      type: {
        type: 'record',
        name: 'DeliverySettings',
        fields: [
          { name: 'timeout_ms', type: 'int' },
          { name: 'retry_delays_ms', type: { type: 'array', items: 'long' } },
          { name: 'disable_after', type: 'int' },
          { name: 'expires_after_ms', type: 'long' },
        ],
      },
    },
  ],
};

/** Value of `relay.subscription-state`: {@link SubscriptionState} with Avro's names. */
export const subscriptionStateSchema: AvroSchema = {
  type: 'record',
  name: 'SubscriptionState',
  namespace: 'relay',
  fields: [
    { name: 'subscription_id', type: 'string' },
    { name: 'state', type: 'string', doc: 'active, failing or disabled' },
    { name: 'enabled_epoch', type: 'int' },
    { name: 'consecutive_dead', type: 'int' },
    { name: 'counted_webhook_ids', type: strings },
    { name: 'attempts_offset', type: 'long' },
    { name: 'since_ms', type: 'long', doc: 'milliseconds since 1970 at which it got into this state' },
    { name: 'reason', type: ['null', 'string'], default: null },
  ],
};
