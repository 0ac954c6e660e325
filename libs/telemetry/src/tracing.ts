import { createHash } from 'node:crypto';
import {
  ROOT_CONTEXT,
  SpanKind,
  SpanStatusCode,
  trace,
  TraceFlags,
  type Attributes,
  type Span,
  type SpanContext,
} from '@opentelemetry/api';
import type { Ids, TracerSource } from './tracer-source.js';

/** The header of records that carries a trace on: W3C Trace Context, level 1. */
export const traceHeader = 'traceparent';

export interface SpanOptions {
  /** Milliseconds since 1970; now where it is left out. */
  startMs?: number;
  kind?: SpanKind;
  attributes: Attributes;
}

/** One unit of work of a trace that is sampled. */
export interface TraceSpan {
  /** For what follows from it. */
  readonly traceparent: string;
  /** `error` says what went wrong. */
  end(attributes?: Attributes, error?: string): void;
}

export { SpanKind };

/**
 * Spans of the traces that are sampled, and of no other: whether one is, is decided where it begins, and goes on in
 * the header. Exported in the background; where the collector does not keep up, spans are dropped and nothing waits.
 */
export class Tracing {
  private constructor(private readonly source: TracerSource | undefined) {}

  /** `service` is what the traces call the app; where no collector is named, no spans are made. */
  static async open(
    service: string,
    { OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: endpoint }: { OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: string },
  ): Promise<Tracing> {
    if (endpoint === '') {
      return new Tracing(undefined);
    }
    // Loaded only here: it takes 15 MB.
    const { openTracerSource } = await import('./tracer-source.js');
    return new Tracing(openTracerSource(service, endpoint));
  }

  /** The first span of a trace, with the ids that {@link traceparentOf} derives from the same seed. */
  root(seed: string, name: string, options: SpanOptions): TraceSpan | undefined {
    const { source } = this;
    return source?.ids.during(
      idsOf(seed),
      () => new OpenSpan(source.tracer.startSpan(name, spanOptions(options), ROOT_CONTEXT)),
    );
  }

  /** A span below what `traceparent` says; undefined where that is not sampled, or none. */
  child(traceparent: string, name: string, options: SpanOptions): TraceSpan | undefined {
    const parent = contextOf(traceparent);
    if (this.source === undefined || parent === undefined) {
      return undefined;
    }
    const context = trace.setSpanContext(ROOT_CONTEXT, parent);
    return new OpenSpan(this.source.tracer.startSpan(name, spanOptions(options), context));
  }

  /** What is under way is exported first, if the collector takes it within some seconds. */
  async close(): Promise<void> {
    await this.source?.close().catch(() => undefined);
  }
}

/**
 * The header of a trace that begins with `seed`, or undefined where it is not among those, one in so many, that are
 * sampled; 0 is none. The same seed gives the same trace, so that what is done again after a crash is seen as the same.
 */
export function traceparentOf(seed: string, oneIn: number): string | undefined {
  if (oneIn === 0) {
    return undefined;
  }
  const { traceId, spanId } = idsOf(seed);
  return Number.parseInt(traceId.slice(-12), 16) % oneIn === 0 ? `00-${traceId}-${spanId}-01` : undefined;
}

const pattern = /^00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})$/;

/** Whatever a record's header holds: nothing stops for its trace. */
export function isTraceparent(header: string): boolean {
  return pattern.test(header);
}

function contextOf(traceparent: string): SpanContext | undefined {
  const [, traceId, spanId, flags] = pattern.exec(traceparent) ?? [];
  const isSampled = (Number.parseInt(flags ?? '0', 16) & TraceFlags.SAMPLED) !== 0;
  return traceId !== undefined && spanId !== undefined && isSampled
    ? { traceId, spanId, traceFlags: TraceFlags.SAMPLED, isRemote: true }
    : undefined;
}

function idsOf(seed: string): Ids {
  const digest = createHash('sha256').update(seed).digest('hex');
  return { traceId: digest.slice(0, 32), spanId: digest.slice(32, 48) };
}

class OpenSpan implements TraceSpan {
  readonly traceparent: string;

  constructor(private readonly span: Span) {
    const { traceId, spanId } = span.spanContext();
    this.traceparent = `00-${traceId}-${spanId}-01`;
  }

  end(attributes: Attributes = {}, error?: string): void {
    this.span.setAttributes(attributes);
    if (error !== undefined) {
      this.span.setStatus({ code: SpanStatusCode.ERROR, message: error });
    }
    this.span.end();
  }
}

function spanOptions({ startMs, kind, attributes }: SpanOptions): {
  attributes: Attributes;
  kind: SpanKind;
  startTime?: number;
} {
  return {
    attributes,
    kind: kind ?? SpanKind.INTERNAL,
    ...(startMs === undefined ? {} : { startTime: startMs }),
  };
}
