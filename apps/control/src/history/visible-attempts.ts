import type { Principal } from '../access/principal.js';
import type { SqlConditions } from './sql-conditions.js';

/**
 * Which attempts someone may see: of whatever is read from the history, this is the one place that says so. An
 * application sees those of the subscriptions that are or were its own, of the databases and models it is granted
 * now. Companies are not told apart: an attempt does not say which one its record belongs to.
 */
export function addVisible(conditions: SqlConditions, by: Principal): void {
  if (by.kind === 'administrator') {
    return;
  }
  const { databases, models } = by.grant;
  conditions
    .addEqual('application_id', by.id)
    .add('database = ANY(?::text[])', databases ?? undefined)
    .add(`split_part(record, ',', 1) = ANY(?::text[])`, models ?? undefined);
}
