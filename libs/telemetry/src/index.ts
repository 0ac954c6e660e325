export { createLogger, plainLogger, silentLogger, type Logger } from './logger.js';
export {
  openTracing,
  SpanKind,
  traceHeader,
  traceparentOf,
  Tracing,
  type SpanOptions,
  type TraceSpan,
} from './tracing.js';
