import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { Request } from 'express';

export const scopes = [
  'subscriptions:read',
  'subscriptions:write',
  'deliveries:read',
  'replay',
  'admin',
] as const;

export type Scope = (typeof scopes)[number];

/** What an application may see; null is all. */
export interface Grant {
  databases: readonly string[] | null;
  models: readonly string[] | null;
  companyIds: readonly number[] | null;
}

export type ApplicationState = 'pending' | 'approved' | 'rejected' | 'suspended';

export interface ApplicationPrincipal {
  kind: 'application';
  id: string;
  state: ApplicationState;
  scopes: ReadonlySet<Scope>;
  grant: Grant;
}

/** Who makes a request. */
export type Principal =
  | {
      kind: 'administrator';
      /** "admin-key", or the id of an application that was given the scope admin. */
      id: string;
    }
  | ApplicationPrincipal;

const principals = new WeakMap<Request, Principal>();

export function setPrincipal(request: Request, principal: Principal): void {
  principals.set(request, principal);
}

/** undefined where nobody says who he is, as at the documentation. */
export function principalIfAny(request: Request): Principal | undefined {
  return principals.get(request);
}

/** @throws Error on a route that asks nobody who he is */
export function principalOf(request: Request): Principal {
  const principal = principals.get(request);
  if (principal === undefined) {
    throw new Error(`nobody was asked who he is: ${request.method} ${request.path}`);
  }
  return principal;
}

/** As a parameter of a controller's method: who makes the request. */
export const By = createParamDecorator((_data: unknown, context: ExecutionContext) =>
  principalOf(context.switchToHttp().getRequest<Request>()),
);

export function isGranted<T>(granted: readonly T[] | null, wanted: T): boolean {
  return granted === null || granted.includes(wanted);
}
