export {
  defaultDeliverySettings,
  bodyFormats,
  isActive,
  basicSubscription,
  subscriptionTopics,
  type BodyFormat,
  type BreakerState,
  type DeliverySettings,
  type Ordering,
  type Subscription,
  type SubscriptionState,
} from './subscription.js';
export { readAuth, readClientCertificate, readHeaders } from './credentials.js';
export type {
  ClientCertificate,
  CustomHeaders,
  EndpointAuth,
  OAuth1,
  OAuth2ClientCredentials,
} from './credentials.js';
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
export { decryptSecret, encryptSecret, SecretsKey, type SecretsKeySettings } from './secret.js';
export {
  isSigningSecret,
  newSigningSecret,
  publicKeyOf,
  readSigningKey,
  type SignatureKind,
  type SigningKey,
} from './signing-secret.js';
export { urlHash } from './url-hash.js';
export { subscriptionTopicSpecs } from './topic-specs.js';
