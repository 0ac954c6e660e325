export { installSample } from './install.js';
export { startActivity, type Activity, type ActivityOptions } from './activity.js';
export { runBurst, type BurstOptions } from './burst.js';
export type { ColumnType, CommittedTransaction, RecordedChange, TextRow } from './recorded-change.js';
