import type { ExecutionContext } from '@nestjs/common';
import { PATH_METADATA } from '@nestjs/common/constants.js';

/** Whether a route is of the API: told by its controller, as one path can be written in many ways. */
export function isApiRoute(context: ExecutionContext): boolean {
  const path: unknown = Reflect.getMetadata(PATH_METADATA, context.getClass());
  return typeof path === 'string' && /^v1(?:\/|$)/.test(path);
}
