import { Catch, HttpException, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import type { Request, Response } from 'express';
import { messageOf, RelayError } from '#libs/process';
import type { Logger } from '#libs/telemetry';
import { isPostgresUnavailable } from '../persistence/postgres-errors.js';
import { requestIdOf } from './request-log.js';
import { readRest } from './request-rest.js';
import { Problem, problemMediaType } from './problem.js';
import { maxBodyBytes } from './request-body.js';

const retryAfterSeconds = 5;
const oauth1Challenge = 'OAuth realm="Odoo Relay"';

/** Turns whatever was thrown into a problem document; nothing of the cause is shown but what we wrote. */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  constructor(private readonly logger: Logger) {}

  catch(thrown: unknown, host: ArgumentsHost): void {
    const http = host.switchToHttp();
    const response = http.getResponse<Response>();
    const request = http.getRequest<Request>();
    const problem = problemOf(thrown, request);
    this.log(problem, thrown, requestIdOf(request));
    if (response.headersSent) {
      response.destroy();
      return;
    }
    sendProblem(response, problem);
  }

  // Only name, message and stack: a query's parameters and a row in `detail` stay out of the log.
  private log(problem: Problem, thrown: unknown, requestId: string | undefined): void {
    const { code } = problem.document;
    if (code === 'internal_error') {
      const stack = thrown instanceof Error ? thrown.stack : undefined;
      this.logger.error({ requestId, error: messageOf(thrown), stack }, 'a request failed unexpectedly');
    } else if (problem.document.status === 503) {
      const { title } = problem.document;
      this.logger.warn({ requestId, error: messageOf(thrown) }, `a request failed: ${title}`);
    }
  }
}

export function sendProblem(response: Response, problem: Problem): void {
  const { document } = problem;
  if (document.status === 503) {
    response.setHeader('retry-after', String(retryAfterSeconds));
  }
  if (document.code === 'idempotency_key_in_use') {
    response.setHeader('retry-after', '1');
  }
  if (document.status === 401) {
    response.setHeader('www-authenticate', document.code.startsWith('oauth1_') ? oauth1Challenge : 'Bearer');
  }
  response.status(document.status).setHeader('content-type', problemMediaType);
  readRest(response.req, (hasEnded) => {
    if ((!hasEnded || document.status === 413) && !response.headersSent) {
      response.setHeader('connection', 'close');
    }
    response.end(JSON.stringify(document));
  });
}

function problemOf(thrown: unknown, request: Request): Problem {
  if (thrown instanceof Problem) {
    return thrown;
  }
  if (thrown instanceof RelayError && thrown.code === 'KAFKA_UNAVAILABLE') {
    return new Problem('kafka_unavailable', 'Kafka does not answer: nothing was changed, try again');
  }
  if (thrown instanceof RelayError && thrown.code === 'REGISTRY_UNAVAILABLE') {
    return new Problem(
      'registry_unavailable',
      'the schema registry does not answer, so fields cannot be checked: nothing was changed, try again',
    );
  }
  if (isPostgresUnavailable(thrown)) {
    return new Problem('postgres_unavailable', 'Postgres does not answer: nothing was changed, try again');
  }
  const status = statusOf(thrown);
  switch (status) {
    case undefined:
      return new Problem('internal_error', "the reason is in the control app's log: please report it");
    case 404:
      return new Problem(
        'route_not_found',
        `${request.method} ${request.path} is not part of this API: see /v1/docs`,
      );
    case 413:
      return new Problem('body_too_large', `send at most ${String(maxBodyBytes / 1024)} KB`);
    case 415:
      return new Problem('unsupported_media_type', 'send the body as JSON in UTF-8');
    default:
      return new Problem('request_refused', 'check path, headers and encoding of the request');
  }
}

/** The status of an error of Nest or of the body parser that blames the request. */
function statusOf(thrown: unknown): number | undefined {
  const status =
    thrown instanceof HttpException ? thrown.getStatus() : (thrown as { status?: unknown } | null)?.status;
  return typeof status === 'number' && status >= 400 && status < 500 ? status : undefined;
}
