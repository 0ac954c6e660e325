import {
  httpSettings,
  kafkaSettings,
  tracingSettings,
  type ConfigTable,
  type ConfigValues,
} from '#libs/config';
import { defaultModels } from '#libs/change';
import type { CaptureOptions } from './install-capture.js';
import { parseRelationTables } from './relation-tables.js';

/** The configuration of ingest. */
export const ingestSettings = {
  ...kafkaSettings,
  ...httpSettings,
  ...tracingSettings,
  ODOO_DATABASE_URL: {
    type: 'url',
    description: "Odoo's Postgres database, as a user who may create triggers on its tables",
  },
  DATABASE_SLUG: {
    type: 'text',
    description: 'The name of this database in topic names: a-z, 0-9, _ and -, at most 63 characters',
  },
  STAND_BY: {
    type: 'boolean',
    default: false,
    description:
      'Whether ingest waits, ready, while another instance that stands by captures this database, and goes on when that one has ended; otherwise it takes over at once, and the other one ends',
  },
  MODELS: {
    type: 'list',
    default: defaultModels,
    description: 'Odoo models whose changes are captured, separated by commas',
  },
  RELATION_TABLES: {
    type: 'list',
    default: ['true'],
    description:
      "Tables of many2many fields, which have no id: true for all of the captured models', false for none, or the tables' names, separated by commas",
  },
  DENIED_COLUMNS: {
    type: 'list',
    default: [],
    description:
      'Columns that never leave the database, as model.column or *.column, beside passwords, secrets, tokens and bytea',
  },
  BINARY_COLUMNS: {
    type: 'list',
    default: [],
    description: 'Binary columns (bytea) that are captured all the same, as model.column or *.column',
  },
  BINARY_MAX_BYTES: {
    type: 'integer',
    default: 262_144,
    min: 1,
    max: 1_048_576,
    description:
      'Of BINARY_COLUMNS: larger values are left out, and the field <column>__omitted says how large they are',
  },
  ACCEPT_EPOCH: {
    type: 'text',
    default: '',
    description:
      'The epoch to go on with when ingest stops because the database has another one than its topics; all tables are loaded then',
  },
  OUTBOX_MAX_BYTES: {
    type: 'integer',
    default: 4_294_967_296,
    min: 1_000_000,
    description:
      "The outbox in Odoo's database never grows much beyond this: capture stops there, and what was missed is loaded when ingest has emptied it",
  },
  TRIGGER_CHECK_INTERVAL_MS: {
    type: 'integer',
    default: 30_000,
    min: 100,
    max: 3_600_000,
    description: 'How often ingest looks whether all triggers are in place',
  },
  POLL_INTERVAL_MS: {
    type: 'integer',
    default: 4,
    min: 1,
    max: 60_000,
    description: 'Pause between two looks into the outbox while changes come in',
  },
  IDLE_POLL_INTERVAL_MS: {
    type: 'integer',
    default: 25,
    min: 1,
    max: 60_000,
    description: 'The same when there was no change for a second',
  },
  MAX_CHANGES_PER_TRANSACTION: {
    type: 'integer',
    default: 2_000,
    min: 1,
    max: 20_000,
    description: 'Most changes of a backlog that are written in one Kafka transaction',
  },
  LOAD_AT_INSTALL: {
    type: 'boolean',
    default: false,
    description:
      'Whether a table that is captured for the first time is published as it stands (op r), so that its topic has all records and not only those that change',
  },
  TRACE_ONE_IN: {
    type: 'integer',
    default: 0,
    min: 0,
    max: 1_000_000_000,
    description:
      'One of so many Odoo transactions is traced on its way to the receivers; 1 traces all, 0 none',
  },
  LOAD_ROWS_PER_SECOND: {
    type: 'integer',
    default: 5_000,
    min: 0,
    max: 1_000_000,
    description: 'Most rows and deletes a second that a load publishes; 0 for no limit',
  },
} as const satisfies ConfigTable;

export type IngestConfig = ConfigValues<typeof ingestSettings>;

export function captureOptions(
  config: Pick<
    IngestConfig,
    'OUTBOX_MAX_BYTES' | 'DENIED_COLUMNS' | 'BINARY_COLUMNS' | 'BINARY_MAX_BYTES' | 'RELATION_TABLES'
  >,
): CaptureOptions {
  return {
    outboxMaxBytes: config.OUTBOX_MAX_BYTES,
    deniedColumns: config.DENIED_COLUMNS,
    binaryColumns: config.BINARY_COLUMNS,
    binaryMaxBytes: config.BINARY_MAX_BYTES,
    relationTables: parseRelationTables(config.RELATION_TABLES),
  };
}
