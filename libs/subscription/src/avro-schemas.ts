import type { AvroSchema } from '#libs/kafka';

const strings = { type: 'array', items: 'string' };
const optionalText = ['null', 'string'];

/**
 * Value of `relay.subscriptions`: {@link Subscription} with Avro's names. Times and delays in milliseconds. Fields
 * with a default came later: records from before lack them.
 */
export const subscriptionSchema: AvroSchema = {
  type: 'record',
  name: 'Subscription',
  namespace: 'relay',
  fields: [
    { name: 'id', type: 'string' },
    { name: 'application_id', type: 'string' },
    { name: 'database', type: 'string' },
    { name: 'event_types', type: strings },
    { name: 'format', type: 'string', doc: 'of the body: json, xml, cloudevents, …' },
    { name: 'url', type: 'string' },
    { name: 'secrets', type: strings, doc: 'encrypted; the first signs, further ones for a while' },
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
          { name: 'ordering', type: 'string', default: 'none', doc: 'none or latest' },
          { name: 'concurrency', type: ['null', 'int'], default: null, doc: 'requests under way at once' },
          { name: 'rate_limit_per_s', type: ['null', 'int'], default: null, doc: 'requests a second' },
        ],
      },
    },
    {
      name: 'previous_secret_until_ms',
      type: ['null', 'long'],
      default: null,
      doc: 'milliseconds since 1970 from which only the first secret signs',
    },
    { name: 'headers', type: optionalText, default: null, doc: 'encrypted JSON: custom headers' },
    { name: 'auth', type: optionalText, default: null, doc: 'encrypted JSON: how requests authenticate' },
    { name: 'client_certificate', type: optionalText, default: null, doc: 'encrypted JSON: for mutual TLS' },
    {
      name: 'own_event_types',
      type: optionalText,
      default: null,
      doc: 'JSON: definitions of those event types that its database has of its own',
    },
    { name: 'filter', type: optionalText, default: null, doc: 'JSON: an Odoo domain' },
    { name: 'field_changes', type: optionalText, default: null, doc: 'JSON: what must have changed' },
    { name: 'shape', type: optionalText, default: null, doc: 'JSON: what of a change the body holds' },
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
    {
      name: 'breaker_open_since_ms',
      type: ['null', 'long'],
      default: null,
      doc: 'its endpoint gets no more than an attempt now and then since; null while its breaker is closed',
    },
    { name: 'breaker_reason', type: ['null', 'string'], default: null },
  ],
};
