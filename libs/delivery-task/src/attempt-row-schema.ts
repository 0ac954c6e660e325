/** Avro schema of the values of `relay.attempts`; `outcome` is a string so that new outcomes stay readable. */
export const attemptRowSchema = {
  type: 'record',
  name: 'Attempt',
  namespace: 'relay',
  fields: [
    { name: 'webhook_id', type: 'string' },
    { name: 'subscription_id', type: 'string' },
    { name: 'database', type: 'string' },
    { name: 'change_id', type: 'string' },
    { name: 'event_type', type: 'string' },
    { name: 'record', type: 'string' },
    { name: 'sequence', type: 'long' },
    { name: 'outcome', type: 'string' },
    { name: 'attempt', type: 'int' },
    { name: 'status', type: ['null', 'int'], default: null },
    { name: 'error', type: ['null', 'string'], default: null },
    { name: 'reason', type: ['null', 'string'], default: null },
    { name: 'at_ms', type: 'long' },
    { name: 'duration_ms', type: 'int' },
    { name: 'committed_at_ms', type: 'long' },
    { name: 'response', type: ['null', 'string'], default: null },
  ],
};
