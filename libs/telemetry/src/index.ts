export { createLogger, plainLogger, silentLogger, type Logger } from './logger.js';
export {
  isTraceparent,
  SpanKind,
  traceHeader,
  traceparentOf,
  Tracing,
  type SpanOptions,
  type TraceSpan,
} from './tracing.js';
