export { taskHeaders, type DeadReason, type DeliveryTask } from './delivery-task.js';
export type { AttemptRow, Outcome } from './attempt-row.js';
export { deliveryTopics, rejectedTopic, retryTiers, type RetryTier } from './topics.js';
export { attemptRowSchema } from './attempt-row-schema.js';
export { readTask, writeTask, type ReadTask } from './task-record.js';
export { rejectedRecord } from './rejected-record.js';
export { deliveryTopicSpecs } from './topic-specs.js';
