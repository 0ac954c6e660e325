import { SetMetadata, type CanActivate, type ExecutionContext } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { Request } from 'express';
import { isApiRoute } from '../http/api-route.js';
import { Problem } from '../http/problem.js';
import { principalOf, type ApplicationPrincipal, type Scope } from './principal.js';

type Needed = Scope | 'anybody' | 'any application';

const neededKey = 'relay:needs';

/** Which scope a route asks of applications; one that says nothing is for administrators alone. */
export const Needs = (scope: Scope): MethodDecorator => SetMetadata(neededKey, scope);
/** Also without credentials. */
export const OpenToAnybody = (): MethodDecorator & ClassDecorator => SetMetadata(neededKey, 'anybody');
/** Also for an application that is not approved yet. */
export const ForEveryApplication = (): MethodDecorator => SetMetadata(neededKey, 'any application');

/** Asks of every route whether whoever makes the request may use it. */
export class ScopeGuard implements CanActivate {
  private readonly reflector = new Reflector();

  /** @throws Problem */
  canActivate(context: ExecutionContext): boolean {
    const request = context.switchToHttp().getRequest<Request>();
    const needed = this.reflector.getAllAndOverride<Needed | undefined>(neededKey, [
      context.getHandler(),
      context.getClass(),
    ]);
    // Health checks and the pages for people have their own way.
    if (needed === 'anybody' || !isApiRoute(context)) {
      return true;
    }
    const principal = principalOf(request);
    if (principal.kind === 'application' && needed !== 'any application') {
      requireApproved(principal);
      requireScope(principal, needed ?? 'admin');
    }
    return true;
  }
}

const whyNot = {
  pending: 'an administrator has to approve it first',
  rejected: 'an administrator rejected it',
  suspended: 'an administrator suspended it',
} as const;

/** @throws Problem */
export function requireApproved({ id, state }: ApplicationPrincipal): void {
  if (state !== 'approved') {
    throw new Problem('application_not_approved', `the application ${id} is ${state}: ${whyNot[state]}`);
  }
}

/** @throws Problem */
export function requireScope({ scopes }: ApplicationPrincipal, needed: Scope): void {
  if (!scopes.has(needed)) {
    const has = [...scopes].join(' ');
    throw new Problem(
      'insufficient_scope',
      `this needs the scope "${needed}", the credentials have "${has}": an administrator can grant it`,
    );
  }
}
