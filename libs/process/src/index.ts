export { messageOf, RelayError, type RelayErrorCode } from './relay-error.js';
export { runApp, type AppOptions, type RunningApp } from './run-app.js';
export { HealthModule, HealthState, startHealthServer } from './health.js';
export { Metrics, MetricsModule, type DescribedMetric } from './metrics.js';
export type { Counter, Histogram } from 'prom-client';
export { Patience } from './patience.js';
export { parseUrl } from './parse-url.js';
export { delay, every } from './time.js';
