export {
  eventRecord,
  eventsTopicSpec,
  type OperationalEvent,
  type SubscriptionDisabled,
  type SubscriptionFailing,
  type TopicSuperseded,
} from './operational-events.js';
