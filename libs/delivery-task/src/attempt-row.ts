/** What became of a delivery at a moment: one row of `relay.attempts`, key the subscription id. */
export type Outcome =
  'delivered' | 'gone' | 'failed' | 'timedOut' | 'unsendable' | 'dead' | 'expired' | 'dropped' | 'superseded';

export interface AttemptRow {
  webhook_id: string;
  subscription_id: string;
  database: string;
  change_id: string;
  event_type: string;
  record: string;
  sequence: bigint;
  outcome: Outcome;
  /** 1 for the first request; the last request's number on `dead` and `expired`. */
  attempt: number;
  /** HTTP status, where there was one. */
  status: number | null;
  /** Why, in a few words that hold no address and no secret. */
  error: string | null;
  /** Why it is dead. */
  reason: string | null;
  /** Milliseconds since 1970. */
  at_ms: bigint;
  /** How long the request took; 0 where none was made. */
  duration_ms: number;
  committed_at_ms: bigint;
  /** Id of the redrive that it belongs to; null for live deliveries. */
  redrive: string | null;
  /** At most 20 KB of the answer, as text. */
  response: string | null;
  /** Which URL was asked: see urlHash of libs/subscription; null where none was, or by an older version. */
  url_hash: number | null;
}
