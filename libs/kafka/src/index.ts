export { Kafka, type KafkaOptions, type TopicSpec } from './kafka.js';
export type { IncomingRecord, OutgoingRecord } from './record.js';
export type { Publisher, PublisherOptions } from './publisher.js';
export type { Transactor, TransactorOptions } from './transactor.js';
export type { Consumer, ConsumerOptions, RecordBatch } from './consumer.js';
export type { TopicTable, TopicTableOptions } from './topic-table.js';
export { isRecordTooLarge } from './kafkajs-errors.js';
export { SchemaRegistry, type AvroCodec, type AvroSchema, type Decoded } from './schema-registry.js';
