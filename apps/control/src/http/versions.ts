import { randomBytes } from 'node:crypto';
import {
  applyDecorators,
  createParamDecorator,
  type CallHandler,
  type ExecutionContext,
  type NestInterceptor,
} from '@nestjs/common';
import { ApiHeader, ApiResponse } from '@nestjs/swagger';
import type { Request, Response } from 'express';
import { map, type Observable } from 'rxjs';
import { Problem } from './problem.js';
import { AnswersProblems } from './problem-responses.js';

const versionBytes = 9;

/** Names one state of what is kept. Random, so that what is deleted and made again never has an earlier one. */
export function newVersion(): string {
  return randomBytes(versionBytes).toString('base64url');
}

const versions = new WeakMap<object, string>();

/** Says which version of a resource a body shows: it becomes the answer's ETag. */
export function withVersion<T extends object>(body: T, version: string): T {
  versions.set(body, version);
  return body;
}

export function versionOf(body: unknown): string | undefined {
  return typeof body === 'object' && body !== null ? versions.get(body) : undefined;
}

/** What a request expects of the version that it changes (`If-Match`); without the header anything is right. */
export class Precondition {
  static readonly none = new Precondition(undefined);

  private constructor(private readonly header: string | undefined) {}

  static of(request: Request): Precondition {
    return new Precondition(request.headers['if-match']);
  }

  /**
   * To be asked in the transaction of the change, of a row that is locked; undefined where there is none.
   * @throws Problem
   */
  require(version: string | undefined): void {
    if (this.header !== undefined && (version === undefined || !this.names(version))) {
      throw new Problem(
        'precondition_failed',
        'If-Match names another version than the present one: read it again, and decide whether the change is still right',
      );
    }
  }

  /** A weak one never matches. */
  private names(version: string): boolean {
    const tags = (this.header ?? '').split(',').map((tag) => tag.trim());
    return tags.includes('*') || tags.includes(`"${version}"`);
  }
}

/** As a parameter of a controller's method: what the request expects of what it changes. */
export const IfMatch = createParamDecorator((_data: unknown, context: ExecutionContext) =>
  Precondition.of(context.switchToHttp().getRequest<Request>()),
);

/**
 * Sends the version of what an answer shows, and 304 instead to whoever knows it already. Express would do so as well,
 * but not for requests of fetch: with `If-None-Match` it also asks caches in between for something new.
 */
export class VersionHeaders implements NestInterceptor {
  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    const request = context.switchToHttp().getRequest<Request>();
    const response = context.switchToHttp().getResponse<Response>();
    return next.handle().pipe(
      map((body: unknown) => {
        const version = versionOf(body);
        if (version === undefined) {
          return body;
        }
        response.setHeader('etag', `"${version}"`);
        if (request.method === 'GET' && isKnown(request.headers['if-none-match'], version)) {
          response.status(304);
          return undefined;
        }
        return body;
      }),
    );
  }
}

/** Whether it is weak is of no meaning here. */
function isKnown(header: string | undefined, version: string): boolean {
  const tags = (header ?? '').split(',').map((tag) => tag.trim().replace(/^W\//, ''));
  return tags.includes('*') || tags.includes(`"${version}"`);
}

const ETag = {
  description:
    'the version of what can be changed; its state, counts and the settings it inherits are no part of it',
  schema: { type: 'string' as const },
};

/** Of the documented answer of a route that shows one resource with its version. */
export const showsVersion = { headers: { ETag } };

/** Documents a GET that may be asked whether anything is new. */
export function MayBeUnchanged(): MethodDecorator {
  return applyDecorators(
    ApiHeader({
      name: 'If-None-Match',
      required: false,
      description: 'the ETag of what is known',
      schema: { type: 'string' },
    }),
    ApiResponse({ status: 304, description: 'It is still of this version', ...showsVersion }),
  );
}

/** Documents a route that changes what a version stands for. */
export function MayExpectVersion(): MethodDecorator {
  return applyDecorators(
    ApiHeader({
      name: 'If-Match',
      required: false,
      description:
        'the ETag of what was read: the change is refused where it is another one now; without it, it is made',
      schema: { type: 'string' },
    }),
    AnswersProblems(412),
  );
}
