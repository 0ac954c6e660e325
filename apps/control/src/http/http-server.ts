import { NestFactory } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import type { DynamicModule, NestInterceptor } from '@nestjs/common';
import type { RequestHandler } from 'express';
import { messageOf, RelayError } from '#libs/process';
import type { Logger } from '#libs/telemetry';
import { authenticate, type WaysIn } from '../access/authenticate.js';
import { ScopeGuard } from '../access/scope-guard.js';
import type { ControlMetrics } from '../control-metrics.js';
import { servePageFiles } from '../pages/page-files.js';
import { serveDocumentation } from './documentation.js';
import { Drain } from './drain.js';
import { GuardedHttpAdapter } from './http-adapter.js';
import { fieldValidation } from './field-validation.js';
import { VersionHeaders } from './versions.js';
import { ProblemFilter } from './problem-filter.js';
import { limitRequests, type RateLimits } from './rate-limits.js';
import { logRequests } from './request-log.js';
import { measureRequests } from './request-metrics.js';
import { checkShape, readBody, refuseAmbiguous, requireJson } from './request-body.js';

export interface HttpServerOptions {
  host: string;
  port: number;
  waysIn: WaysIn;
  /** Below /oauth2. */
  oauth2: RequestHandler;
  rateLimits: RateLimits;
  /** Around the routes, the outermost first. */
  interceptors: readonly NestInterceptor[];
  /** How long requests are still taken at the end, each answer ending its connection. */
  drainMs: number;
  /** Whose word on a client's address is believed. */
  trustedProxies: readonly string[];
  metrics: Pick<ControlMetrics, 'requests' | 'requestDurations'>;
  logger: Logger;
}

export interface HttpServer {
  port: number;
  /** Takes no new connection and resolves when the requests under way are answered. */
  close(): Promise<void>;
}

const pagePaths = ['/sign-in', '/sign-out', '/account', '/invitation'];

/** @throws RelayError PORT_IN_USE */
export async function startHttpServer(
  module: DynamicModule,
  options: HttpServerOptions,
): Promise<HttpServer> {
  const { host, port, logger } = options;
  const app = await NestFactory.create<NestExpressApplication>(module, new GuardedHttpAdapter(), {
    logger: false,
    abortOnError: false,
    bodyParser: false,
  });
  const drain = new Drain(options.drainMs);
  app.use(drain.middleware, measureRequests(options.metrics));
  app.use(refuseAmbiguous);
  // Who makes a request is asked before a body is read, but for one whose body is signed.
  app.use('/v1', logRequests(logger), authenticate(options.waysIn));
  app.use('/v1', ...limitRequests(options.rateLimits), requireJson, readBody);
  app.use('/v1', checkShape);
  app.use('/oauth2', logRequests(logger), options.oauth2);
  app.use([...pagePaths, '/oauth/1.0a', '/consent'], logRequests(logger));
  app.use(servePageFiles);
  app.useGlobalGuards(new ScopeGuard());
  app.useGlobalPipes(fieldValidation());
  app.useGlobalInterceptors(...options.interceptors, new VersionHeaders());
  app.useGlobalFilters(new ProblemFilter(logger));
  app.disable('x-powered-by');
  // Its own would be digests of counts and states.
  app.disable('etag');
  app.set('trust proxy', [...options.trustedProxies]);
  serveDocumentation(app);
  try {
    await app.listen(port, host);
  } catch (error) {
    throw new RelayError(
      'PORT_IN_USE',
      `cannot listen on ${host}:${String(port)} (${messageOf(error)}): set HTTP_PORT to a free port, or to 0 for any`,
      { cause: error },
    );
  }
  const server = app.getHttpServer();
  const bound = server.address() as { port: number };
  logger.info({ host, port: bound.port }, 'listening');
  return {
    port: bound.port,
    close: async () => {
      await drain.pass();
      await app.close();
    },
  };
}
