/** What kafkajs' errors tell: the protocol's name of the error, wherever it stands in the chain of causes. */
export function protocolErrorOf(error: unknown): string | undefined {
  for (
    let current = error, depth = 0;
    current instanceof Error && depth < 6;
    current = current.cause, depth++
  ) {
    const type = (current as { type?: unknown }).type;
    if (typeof type === 'string') {
      return type;
    }
  }
  return undefined;
}

/** Said by the broker about the records themselves: sending them again would get the same answer. */
const definiteErrors: ReadonlySet<string> = new Set([
  'MESSAGE_TOO_LARGE',
  'RECORD_LIST_TOO_LARGE',
  'INVALID_RECORD',
  'INVALID_TIMESTAMP',
  'INVALID_TOPIC_EXCEPTION',
  'TOPIC_AUTHORIZATION_FAILED',
  'CLUSTER_AUTHORIZATION_FAILED',
  'TRANSACTIONAL_ID_AUTHORIZATION_FAILED',
  'POLICY_VIOLATION',
  // After kafkajs has asked for new metadata several times.
  'UNKNOWN_TOPIC_OR_PARTITION',
]);

/** True when the broker refused the records for good; false when it is not known whether they were written. */
export function isDefinite(error: unknown): boolean {
  return (
    definiteErrors.has(protocolErrorOf(error) ?? '') ||
    error instanceof TypeError ||
    error instanceof RangeError
  );
}

/** True when a record, with its batch, is larger than its topic takes (`max.message.bytes`). */
export function isRecordTooLarge(error: unknown): boolean {
  const type = protocolErrorOf(error);
  return type === 'MESSAGE_TOO_LARGE' || type === 'RECORD_LIST_TOO_LARGE';
}

const groupChangeErrors: ReadonlySet<string> = new Set([
  'REBALANCE_IN_PROGRESS',
  'ILLEGAL_GENERATION',
  'UNKNOWN_MEMBER_ID',
  'NOT_COORDINATOR_FOR_GROUP',
  'GROUP_LOAD_IN_PROGRESS',
  'GROUP_COORDINATOR_NOT_AVAILABLE',
]);

/** True for what a coordinator answers while the group or the coordinator itself changes: it passes. */
export function isGroupChange(error: unknown): boolean {
  return groupChangeErrors.has(protocolErrorOf(error) ?? '');
}
