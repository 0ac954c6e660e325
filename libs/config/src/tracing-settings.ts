import type { ConfigTable } from './config-table.js';

/** Settings of every app that a traced change passes. */
export const tracingSettings = {
  OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: {
    type: 'url',
    default: '',
    description:
      "Where the spans of traced changes are sent, as OTLP over HTTP, e.g. http://collector:4318/v1/traces; nowhere where it is left out. OTEL_EXPORTER_OTLP_HEADERS and its like are OpenTelemetry's own",
  },
} as const satisfies ConfigTable;
