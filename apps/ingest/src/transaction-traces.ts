import { SpanKind, traceparentOf, type Tracing } from '#libs/telemetry';
import type { BuiltChange, RejectedChange } from './changes.js';

interface Traced {
  seed: string;
  traceparent: string | undefined;
  readAtMs: number;
  database: string;
  changes: number;
}

/** Begins the traces of Odoo's transactions, one in so many; none of what a load reads. */
export class TransactionTraces {
  constructor(
    private readonly tracing: Pick<Tracing, 'root'>,
    private readonly oneIn: number,
  ) {}

  ofPage(): PageTraces {
    return new PageTraces(this.tracing, this.oneIn);
  }
}

/** Of the transactions of a page. A page that is read again gives the same traces. */
export class PageTraces {
  private readonly transactions = new Map<string, Traced>();

  constructor(
    private readonly tracing: Pick<Tracing, 'root'>,
    private readonly oneIn: number,
  ) {}

  /** The header of a change's records; undefined where its transaction is not traced. */
  traceparent(built: BuiltChange | RejectedChange): string | undefined {
    if (this.oneIn === 0 || built.kind === 'rejected' || built.change.source.snapshot !== null) {
      return undefined;
    }
    const { epoch, tx, ts_ms: readAtMs, database } = built.change.source;
    let traced = this.transactions.get(tx.id);
    if (traced === undefined) {
      const seed = `${epoch}-${tx.id}`;
      const traceparent = traceparentOf(seed, this.oneIn);
      traced = { seed, traceparent, readAtMs: Number(readAtMs), database, changes: 0 };
      this.transactions.set(tx.id, traced);
    }
    traced.changes += 1;
    return traced.traceparent;
  }

  /** Their first spans: from when a transaction was read to now, when it is in its topics. */
  published(): void {
    for (const { seed, traceparent, readAtMs, database, changes } of this.transactions.values()) {
      if (traceparent !== undefined) {
        const attributes = { 'relay.database': database, 'relay.changes': changes };
        this.tracing.root(seed, 'capture', { startMs: readAtMs, kind: SpanKind.PRODUCER, attributes })?.end();
      }
    }
  }
}
