import { AsyncLocalStorage } from 'node:async_hooks';
import type { CallHandler, ExecutionContext, NestInterceptor } from '@nestjs/common';
import type { Request, Response } from 'express';
import { catchError, from, mergeMap, Observable, type Observer } from 'rxjs';
import type { DataSource, EntityManager } from 'typeorm';
import { isApiRoute } from '../http/api-route.js';
import { principalIfAny } from '../access/principal.js';
import { Problem } from '../http/problem.js';
import { requestIdOf } from '../http/request-log.js';
import { auditLog, type AuditRow } from '../persistence/rows.js';
import { newSortableId } from '../persistence/sortable-id.js';
import { changesBetween } from './changes.js';

export interface Change {
  /** Its path below /v1, e.g. `subscriptions/sub_…`. */
  resource: string;
  /** Left out of what is new. */
  before?: object;
  /** Left out of what is deleted. */
  after?: object;
}

interface Recording {
  request: Request;
  response: Response;
  isRecorded: boolean;
}

const recordings = new AsyncLocalStorage<Recording>();
/** They change nothing. */
const readingMethods = ['GET', 'HEAD', 'OPTIONS'];
const readingRoutes = ['/v1/try'];

/** Who has changed what, in the transaction that changes it. What no request has asked for is not recorded. */
export async function recordChange(manager: EntityManager, change: Change): Promise<void> {
  const recording = recordings.getStore();
  if (recording !== undefined) {
    recording.isRecorded = true;
    const { request, response } = recording;
    await manager.insert(auditLog, rowOf(request, response.statusCode, change));
  }
}

/** Around every route: whatever is changed without a word of its own is recorded right after; so is who may not. */
export class AuditTrail implements NestInterceptor {
  constructor(private readonly dataSource: DataSource) {}

  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    const request = context.switchToHttp().getRequest<Request>();
    const response = context.switchToHttp().getResponse<Response>();
    const recording: Recording = { request, response, isRecorded: false };
    // The handler is called where its observable is subscribed to.
    const handled = new Observable((observer: Observer<unknown>) =>
      recordings.run(recording, () => next.handle().subscribe(observer)),
    );
    return handled.pipe(
      mergeMap((body: unknown) =>
        recording.isRecorded || !isApiRoute(context) || !changesSomething(request)
          ? [body]
          : from(this.record(request, response.statusCode).then(() => body)),
      ),
      catchError(async (error: unknown) => {
        if (error instanceof Problem && error.document.status === 403) {
          await this.record(request, 403);
        }
        throw error;
      }),
    );
  }

  /** What was done is done: that it cannot be recorded is not its caller's fault. */
  private async record(request: Request, status: number): Promise<void> {
    await this.dataSource.manager.insert(auditLog, rowOf(request, status)).catch(() => undefined);
  }
}

function changesSomething({ method, path }: Request): boolean {
  return !readingMethods.includes(method) && !readingRoutes.includes(path);
}

function rowOf(request: Request, status: number, change?: Change): AuditRow {
  const now = new Date();
  const principal = principalIfAny(request);
  return {
    id: newSortableId('aud', now.getTime()),
    at: now,
    principalKind: principal?.kind ?? 'anonymous',
    principalId: principal?.id ?? '',
    clientAddress: request.ip ?? '',
    requestId: requestIdOf(request) ?? '',
    method: request.method,
    route: (request.route as { path?: string } | undefined)?.path ?? '',
    status,
    resource: change?.resource ?? null,
    changes: change === undefined ? {} : changesBetween(change.before ?? {}, change.after ?? {}),
  };
}
