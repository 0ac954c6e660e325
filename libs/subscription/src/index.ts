export {
  defaultDeliverySettings,
  isActive,
  subscriptionTopics,
  type BodyFormat,
  type DeliverySettings,
  type Subscription,
  type SubscriptionState,
} from './subscription.js';
export { subscriptionSchema, subscriptionStateSchema } from './avro-schemas.js';
export { readSubscription, readSubscriptionState } from './topic-records.js';
export { decryptSecret, encryptSecret, newSigningSecret, SecretsKey } from './secret.js';
export { subscriptionTopicSpecs } from './topic-specs.js';
export { eventTypesOf, isKnownEventType, eventCatalogue, type EventType } from './event-catalogue.js';
