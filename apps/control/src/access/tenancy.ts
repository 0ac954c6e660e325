import type { DataSource } from 'typeorm';
import { eventTypeNamed, type EventType } from '#libs/event';
import { Problem, type FieldError } from '../http/problem.js';
import type { Listening } from '../listening/listening-checks.js';
import { subscriptions } from '../persistence/rows.js';
import { isGranted, type Grant, type Principal } from './principal.js';

/** Whose subscriptions somebody sees: those of one application, or with undefined all. */
export function applicationOf(principal: Principal): string | undefined {
  return principal.kind === 'application' ? principal.id : undefined;
}

/** Which subscriptions are whose. */
export class Tenancy {
  constructor(private readonly dataSource: DataSource) {}

  /** Somebody else's is not told from one that is not there. @throws Problem */
  async requireSubscription(principal: Principal, id: string): Promise<void> {
    if (!(await this.sees(principal, id))) {
      throw noSubscription(id);
    }
  }

  async sees(principal: Principal, subscriptionId: string): Promise<boolean> {
    const applicationId = applicationOf(principal);
    return (
      applicationId === undefined ||
      this.dataSource.getRepository(subscriptions).existsBy({ id: subscriptionId, applicationId })
    );
  }
}

export function noSubscription(id: string): Problem {
  const shown = id.slice(0, 64);
  return new Problem(
    'subscription_not_found',
    `there is no subscription "${shown}": GET /v1/subscriptions lists all`,
  );
}

/** What of a subscription its application was not granted. */
export function grantErrors(
  { databases, models, companyIds }: Grant,
  listening: Omit<Listening, 'applicationId'>,
  ownTypes: readonly EventType[],
): FieldError[] {
  const errors: FieldError[] = [];
  const refuse = (field: string, message: string): void => {
    errors.push({ field, code: 'not_granted', message });
  };
  const ask = 'ask an administrator for it';
  if (!isGranted(databases, listening.database)) {
    refuse('database', `is not granted to the application ("${listening.database.slice(0, 64)}"): ${ask}`);
  }
  for (const name of listening.eventTypes) {
    const type = ownTypes.find((own) => own.name === name) ?? eventTypeNamed(name);
    if (type !== undefined && !isGranted(models, type.model)) {
      refuse('eventTypes', `holds "${name}", and the application was not granted ${type.model}: ${ask}`);
    }
  }
  const companyId = (listening.shape as { companyId?: unknown } | null)?.companyId;
  if (companyIds !== null && !companyIds.includes(Number(companyId))) {
    refuse('shape.companyId', `must be a company that the application was granted: ${companyIds.join(', ')}`);
  }
  return errors;
}
