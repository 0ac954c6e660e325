export {
  eventRecord,
  eventsTopicSpec,
  type CaptureEpochMismatch,
  type CaptureGap,
  type CaptureStopped,
  type OperationalEvent,
  type SubscriptionDisabled,
  type SubscriptionFailing,
  type SubscriptionNotApplicable,
  type SubscriptionRecovered,
  type TopicSuperseded,
} from './operational-events.js';
