import { createHash } from 'node:crypto';

/**
 * The id of a change: stable however often the capture is read again. A change of a whole that was made by its
 * part adds the whole's table.
 */
export function changeId(epoch: string, sequence: bigint | string, wholeTable?: string): string {
  const id = `${epoch}-${String(sequence)}`;
  return wholeTable === undefined ? id : `${id}-${wholeTable}`;
}

/** The id of what a load publishes of a record: its row, or that it is gone. The same however often it resumes. */
export function loadedChangeId(
  epoch: string,
  requestId: string,
  table: string,
  recordId: string,
  isGone: boolean,
): string {
  return `${epoch}-load${requestId}-${table}-${recordId}${isGone ? '-gone' : ''}`;
}

/** The id of a delivery: the same change for the same subscription has the same one for ever. */
export function webhookId(change: string, subscriptionId: string): string {
  return `msg_${createHash('sha256').update(`${change}:${subscriptionId}`).digest('base64url').slice(0, 27)}`;
}

/**
 * `odoo.<database>.<table>`; `odoo.<database>.<table>-2` and so on after changes of the table that readers of the
 * topic before could not follow.
 */
export function changeTopic(database: string, table: string, generation = 1): string {
  return `odoo.${database}.${table}${generation === 1 ? '' : `-${generation}`}`;
}

export const changeTopicPrefix = 'odoo.';

/** What may stand as `<database>` in a topic name. */
export const databaseSlugPattern = /^[a-z0-9_-]{1,63}$/;
