export {
  eventRecord,
  eventsTopicSpec,
  type OperationalEvent,
  type SubscriptionDisabled,
  type SubscriptionFailing,
  type SubscriptionNotApplicable,
  type TopicSuperseded,
} from './operational-events.js';
