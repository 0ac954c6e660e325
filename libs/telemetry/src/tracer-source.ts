import type { Tracer } from '@opentelemetry/api';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { defaultResource, resourceFromAttributes } from '@opentelemetry/resources';
import {
  BasicTracerProvider,
  BatchSpanProcessor,
  RandomIdGenerator,
  type IdGenerator,
} from '@opentelemetry/sdk-trace-base';

/** Also the most that a stop waits for a collector. */
const exportTimeoutMs = 2_000;

export interface TracerSource {
  tracer: Tracer;
  ids: GivenIds;
  close(): Promise<void>;
}

/** In hexadecimal: 32 and 16 digits. */
export interface Ids {
  traceId: string;
  spanId: string;
}

/** OpenTelemetry's own part of tracing. */
export function openTracerSource(service: string, endpoint: string): TracerSource {
  const ids = new GivenIds();
  const provider = new BasicTracerProvider({
    resource: defaultResource().merge(resourceFromAttributes({ 'service.name': service })),
    idGenerator: ids,
    spanProcessors: [
      new BatchSpanProcessor(new OTLPTraceExporter({ url: endpoint, timeoutMillis: exportTimeoutMs })),
    ],
  });
  return { tracer: provider.getTracer('odoo-relay'), ids, close: () => provider.shutdown() };
}

/** Random ids, but where others are given. */
export class GivenIds implements IdGenerator {
  private given: Ids | undefined;
  private readonly random = new RandomIdGenerator();

  /** `make` makes one span. */
  during<T>(ids: Ids, make: () => T): T {
    this.given = ids;
    try {
      return make();
    } finally {
      this.given = undefined;
    }
  }

  generateTraceId(): string {
    return this.given?.traceId ?? this.random.generateTraceId();
  }

  generateSpanId(): string {
    return this.given?.spanId ?? this.random.generateSpanId();
  }
}
