import type { RetryOptions } from 'kafkajs';

/** Always given: kafkajs' defaults wait long, then give up, and are others under NODE_ENV=test. About 5 s in all. */
export const kafkajsRetry: RetryOptions = {
  initialRetryTime: 50,
  maxRetryTime: 1_000,
  multiplier: 2,
  factor: 0.2,
  retries: 8,
  restartOnFailure: () => Promise.resolve(true),
};

/**
 * The coordinator refuses a transaction while it still writes the marks of the one before, for a few
 * milliseconds. About 5 s in all.
 */
export const transactionRetry: RetryOptions = {
  ...kafkajsRetry,
  initialRetryTime: 3,
  multiplier: 1.5,
  retries: 18,
};
