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
export {
  readSubscription,
  readSubscriptionState,
  subscriptionFromAvro,
  subscriptionStateFromAvro,
  subscriptionStateToAvro,
  subscriptionToAvro,
  type SubscriptionRecord,
  type SubscriptionStateRecord,
} from './topic-records.js';
export { decryptSecret, encryptSecret, isSigningSecret, newSigningSecret, SecretsKey } from './secret.js';
export { subscriptionTopicSpecs } from './topic-specs.js';
export {
  bearsEventType,
  eventCatalogue,
  eventTypeNamed,
  eventTypesOf,
  isEvent,
  isKnownEventType,
  type EventType,
} from './event-catalogue.js';
