/**
 * Every error this system raises on purpose. `exitCode` follows sysexits: 64 usage, 69 a service is
 * unavailable, 70 internal, 73 cannot create, 75 try again, 77 no permission, 78 configuration.
 */
const codes = {
  CONFIG_INVALID: 78,
  USAGE: 64,
  KAFKA_UNAVAILABLE: 69,
  REGISTRY_UNAVAILABLE: 69,
  POSTGRES_UNAVAILABLE: 69,
  PORT_IN_USE: 73,
  TOOL_MISSING: 69,
  NO_PERMISSION: 77,
  NOT_AN_ODOO_DATABASE: 78,
  EPOCH_MISMATCH: 78,
  FENCED: 75,
  IN_USE: 75,
  OFFSET_GAP: 70,
  CONSUMER_CRASHED: 70,
  PUBLISH_FAILED: 69,
  SCHEMA_INCOMPATIBLE: 78,
  VALUE_NOT_REPRESENTABLE: 70,
  FILTER_NOT_APPLICABLE: 70,
  SHAPE_NOT_APPLICABLE: 70,
  BODY_TOO_LARGE: 70,
  SUBSCRIPTION_UNREADABLE: 70,
  SECRET_UNREADABLE: 78,
  INTERNAL: 70,
} as const;

export type RelayErrorCode = keyof typeof codes;

export class RelayError extends Error {
  override readonly name = 'RelayError';

  /** `message` is one sentence for the person who reads it: what is wrong and what to do. */
  constructor(
    readonly code: RelayErrorCode,
    message: string,
    options: { cause?: unknown } = {},
  ) {
    super(message, options);
  }

  get exitCode(): number {
    return codes[this.code];
  }
}

/** The text of anything that was thrown, for a message or a log line. */
export function messageOf(error: unknown): string {
  if (error instanceof AggregateError && error.message === '') {
    return error.errors.map(messageOf).join('; ');
  }
  return error instanceof Error ? error.message : String(error);
}
