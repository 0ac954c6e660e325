export type { Change, ChangeSource, Column, ColumnKind, Operation, Row, Value } from './change.js';
export {
  changeId,
  changeTopic,
  changeTopicPrefix,
  databaseSlugPattern,
  loadedChangeId,
  webhookId,
} from './ids.js';
export { columnName, envelopeSchema, keySchema, type TableShape } from './envelope-schema.js';
export { whyIncompatible } from './column-changes.js';
export { ChangeReader, type ReadChange } from './change-reader.js';
export { idOfPair, pairOfId, recordIdOf, type PairColumns } from './record-id.js';
export { defaultModels, tableOf } from './models.js';
export {
  carriedNames,
  declaredParts,
  declaredTexts,
  partsOf,
  textsOf,
  type DeclaredPart,
  type DeclaredTexts,
  type RelatedText,
} from './declared-parts.js';
export { writerColumns, type WriterColumns } from './writer-columns.js';
