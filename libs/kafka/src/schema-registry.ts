import confluent from '@kafkajs/confluent-schema-registry';
import avsc, { type Schema, type Type } from 'avsc';
import { delay, messageOf, RelayError } from '#libs/process';
import type { Logger } from '#libs/telemetry';
import { avroOptions } from './avro-logical-types.js';
import type { KafkaMetrics } from './kafka-metrics.js';
import { LookUpLimit } from './look-up-limit.js';
import { OutageLog } from './outage-log.js';
import { lookUpSchema } from './schema-look-up.js';
import { pingRegistry, schemaVersions, verdictOn } from './schema-subjects.js';

/** A schema as JSON. */
export type AvroSchema = Readonly<Record<string, unknown>>;

export interface AvroCodec {
  schemaId: number;
  /** In the registry's wire format. @throws RelayError VALUE_NOT_REPRESENTABLE */
  encode(value: unknown): Buffer;
}

export type Decoded =
  | { kind: 'decoded'; schemaId: number; schema: AvroSchema; value: unknown }
  | { kind: 'unreadable'; reason: string };

export interface SchemaRegistryOptions {
  /** Below which the registry speaks Confluent's protocol, e.g. http://registry:8080/apis/ccompat/v7 */
  url: string;
  topicPrefix?: string;
  logger: Logger;
  metrics?: KafkaMetrics;
}

type ClientArguments = ConstructorParameters<typeof confluent.SchemaRegistry>[0];

interface KnownSchema {
  type: Type;
  schema: AvroSchema;
}

/** A zero byte, then the schema's id in four. */
const headerBytes = 5;

/**
 * Avro records with their schemas in a registry. In memory: long is bigint, decimal an exact plain string,
 * timestamp-micros 'YYYY-MM-DDTHH:MM:SS.ffffff', date 'YYYY-MM-DD', everything else as avsc has it.
 */
export class SchemaRegistry {
  private readonly client: confluent.SchemaRegistry;
  private readonly known = new Map<number, KnownSchema>();
  /** By subject and schema: what is registered stays so, whether the registry can be asked or not. */
  private readonly registered = new Map<string, AvroCodec>();
  /** Ids the registry has no Avro schema for, with the reason. */
  private readonly unknown = new Map<number, { reason: string; untilMs: number }>();
  private readonly lookUps = new Map<number, Promise<KnownSchema | string>>();
  private readonly limit = new LookUpLimit();
  private readonly prefix: string;
  private readonly url: string;

  constructor(private readonly options: SchemaRegistryOptions) {
    this.prefix = options.topicPrefix ?? '';
    this.url = options.url.replace(/\/+$/, '');
    this.client = new confluent.SchemaRegistry(
      {
        host: this.url,
        clientId: 'odoo-relay',
        retry: { retries: 2, initialRetryTimeInSecs: 0.1, maxRetryTimeInSecs: 0.5 },
        middlewares: [requestTimeout],
      },
      { [confluent.SchemaType.AVRO]: avroOptions() },
    );
  }

  /**
   * Registers the schema of a topic's keys or values; the same schema again gets the same id.
   * @throws RelayError SCHEMA_INCOMPATIBLE when it cannot read what was written with the version before it.
   */
  async register(topic: string, part: 'key' | 'value', schema: AvroSchema): Promise<AvroCodec> {
    const subject = this.subjectOf(topic, part);
    const text = JSON.stringify(schema);
    const name = `${subject} ${text}`;
    const codec = this.registered.get(name) ?? (await this.registerNew(subject, schema, text));
    this.registered.set(name, codec);
    return codec;
  }

  /** All versions of a topic's schema that the registry has, oldest first. @throws RelayError REGISTRY_UNAVAILABLE */
  async versions(topic: string, part: 'key' | 'value'): Promise<AvroSchema[]> {
    try {
      const texts = await schemaVersions(this.url, this.subjectOf(topic, part));
      return texts.map((text) => JSON.parse(text) as AvroSchema);
    } catch (error) {
      throw this.unavailable(error);
    }
  }

  /** Resolves when the registry answers or the signal is aborted; tells `waiting` why it does not. */
  async untilAvailable(waiting: (reason: string) => void, signal?: AbortSignal): Promise<void> {
    const outage = new OutageLog(this.options.logger, 'waiting for the schema registry');
    while (signal?.aborted !== true) {
      try {
        await pingRegistry(this.url);
        outage.recovered();
        return;
      } catch (error) {
        const unavailable = this.unavailable(error);
        outage.failed(unavailable);
        waiting(unavailable.message);
        await delay(availabilityPollMs, signal);
      }
    }
  }

  /**
   * Bytes that are no Avro of a schema in the registry are `unreadable`.
   * @throws RelayError REGISTRY_UNAVAILABLE when that cannot be told now: wait and try again.
   */
  async decode(bytes: Buffer): Promise<Decoded> {
    const known = this.decodeKnown(bytes);
    if (known !== undefined) {
      return known;
    }
    const schemaId = bytes.readInt32BE(1);
    const found = await this.lookUp(schemaId);
    return typeof found === 'string'
      ? { kind: 'unreadable', reason: found }
      : decodeWith(found, schemaId, bytes);
  }

  /** The same without asking the registry: undefined when the schema is not known yet. */
  decodeKnown(bytes: Buffer): Decoded | undefined {
    if (bytes.length < headerBytes) {
      return { kind: 'unreadable', reason: `${bytes.length} bytes are too few for a schema id` };
    }
    if (bytes[0] !== 0) {
      return {
        kind: 'unreadable',
        reason: `it does not begin with the registry's zero byte but with ${bytes[0] ?? 0}`,
      };
    }
    const schemaId = bytes.readInt32BE(1);
    const known = this.known.get(schemaId);
    if (known !== undefined) {
      return decodeWith(known, schemaId, bytes);
    }
    const unknown = this.unknown.get(schemaId);
    return unknown === undefined || unknown.untilMs < performance.now()
      ? undefined
      : { kind: 'unreadable', reason: unknown.reason };
  }

  private lookUp(schemaId: number): Promise<KnownSchema | string> {
    let lookUp = this.lookUps.get(schemaId);
    if (lookUp === undefined) {
      lookUp = this.ask(schemaId).finally(() => this.lookUps.delete(schemaId));
      this.lookUps.set(schemaId, lookUp);
    }
    return lookUp;
  }

  /** The schema, or why there is none. */
  private async ask(schemaId: number): Promise<KnownSchema | string> {
    await this.limit.turn();
    const answer = await lookUpSchema(this.url, schemaId);
    switch (answer.kind) {
      case 'unavailable':
        this.limit.found();
        throw this.unavailable(answer.error);
      case 'missing':
        return this.remember(schemaId, `the registry has no schema ${schemaId}`);
      case 'found': {
        this.limit.found();
        const known =
          answer.schemaType === 'AVRO' && !answer.hasReferences ? parse(answer.schema) : undefined;
        if (known === undefined) {
          return this.remember(schemaId, `schema ${schemaId} is not usable as Avro`);
        }
        this.known.set(schemaId, known);
        return known;
      }
    }
  }

  private remember(schemaId: number, reason: string): string {
    if (this.unknown.size >= maxRemembered) {
      this.unknown.clear();
    }
    this.unknown.set(schemaId, { reason, untilMs: performance.now() + rememberedMs });
    return reason;
  }

  private subjectOf(topic: string, part: 'key' | 'value'): string {
    return `${this.prefix}${topic}-${part}`;
  }

  private async registerNew(subject: string, schema: AvroSchema, text: string): Promise<AvroCodec> {
    const type = avsc.Type.forSchema(schema as unknown as Schema, avroOptions());
    const schemaId = await this.registeredId(subject, text);
    this.known.set(schemaId, { type, schema });
    return new Codec(schemaId, type, subject);
  }

  /** Another instance may register it, or another version, between question and registration: then both once more. */
  private async registeredId(subject: string, text: string, triesLeft = 3): Promise<number> {
    const verdict = await verdictOn(this.url, subject, text).catch((error: unknown) => {
      throw this.unavailable(error);
    });
    switch (verdict.kind) {
      case 'known':
        return verdict.schemaId;
      case 'refused':
        throw refused(subject, verdict.reason);
      case 'allowed':
        break;
    }
    try {
      const registered = await this.client.register(
        { type: confluent.SchemaType.AVRO, schema: text },
        { subject, compatibility: confluent.COMPATIBILITY[verdict.compatibility] },
      );
      return registered.id;
    } catch (error) {
      const { status } = error as { status?: unknown };
      if (status === 409 && triesLeft > 1) {
        return this.registeredId(subject, text, triesLeft - 1);
      }
      // The client has 400 for requests that were not answered at all; errors without a status are its own verdict.
      throw status === 409 || status === 422 || status === undefined
        ? refused(subject, messageOf(error), error)
        : this.unavailable(error);
    }
  }

  private unavailable(cause: unknown): RelayError {
    this.options.metrics?.failuresOf('registry').inc();
    return new RelayError(
      'REGISTRY_UNAVAILABLE',
      `the schema registry does not answer at ${this.url} (${messageOf(cause)}): check SCHEMA_REGISTRY_URL and that it runs`,
      { cause },
    );
  }
}

const rememberedMs = 30_000;
const requestTimeoutMs = 5_000;
const maxRemembered = 10_000;
const availabilityPollMs = 1_000;

/** The client itself would wait for ever. */
const requestTimeout: NonNullable<ClientArguments['middlewares']>[number] = () => ({
  prepareRequest: async (next) => (await next()).enhance({ timeout: requestTimeoutMs }),
});

function refused(subject: string, reason: string, cause?: unknown): RelayError {
  return new RelayError('SCHEMA_INCOMPATIBLE', `the schema of ${subject} cannot be registered: ${reason}`, {
    cause,
  });
}

function parse(schemaText: string): KnownSchema | undefined {
  try {
    const schema = JSON.parse(schemaText) as AvroSchema;
    return { schema, type: avsc.Type.forSchema(schema as unknown as Schema, avroOptions()) };
  } catch {
    return undefined;
  }
}

function decodeWith({ type, schema }: KnownSchema, schemaId: number, bytes: Buffer): Decoded {
  try {
    return {
      kind: 'decoded',
      schemaId,
      schema,
      value: type.fromBuffer(bytes.subarray(headerBytes)) as unknown,
    };
  } catch (error) {
    return { kind: 'unreadable', reason: `it does not match schema ${schemaId}: ${messageOf(error)}` };
  }
}

class Codec implements AvroCodec {
  constructor(
    readonly schemaId: number,
    private readonly type: Type,
    private readonly subject: string,
  ) {}

  encode(value: unknown): Buffer {
    try {
      const avro = this.type.toBuffer(value);
      const bytes = Buffer.allocUnsafe(headerBytes + avro.length);
      bytes.writeUInt8(0);
      bytes.writeInt32BE(this.schemaId, 1);
      avro.copy(bytes, headerBytes);
      return bytes;
    } catch (error) {
      throw this.notRepresentable(value, error);
    }
  }

  private notRepresentable(value: unknown, cause: unknown): RelayError {
    let path = '';
    this.type.isValid(value, {
      errorHook: (invalid) => {
        path = path === '' ? invalid.join('.') : path;
      },
    });
    const place = path === '' ? this.subject : `${path} of ${this.subject}`;
    return new RelayError('VALUE_NOT_REPRESENTABLE', `${place} cannot be written: ${messageOf(cause)}`, {
      cause,
    });
  }
}
