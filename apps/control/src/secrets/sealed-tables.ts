import type { DataSource } from 'typeorm';
import { RelayError } from '#libs/process';
import type { SecretsKey } from '#libs/subscription';

/** A table with columns that are encrypted with SECRETS_KEY. */
export interface SealedTable {
  name: string;
  primaryKey: readonly string[];
  columns: readonly string[];
  /** Columns with a list of encrypted texts. */
  lists?: readonly string[];
}

/** The only one whose rows stand in a topic, too. */
export const subscriptionsTable = 'subscriptions';

/** All there are: what is missing here is lost with the key that it was encrypted with. */
export const sealedTables: readonly SealedTable[] = [
  {
    name: subscriptionsTable,
    primaryKey: ['id'],
    columns: ['headers', 'auth', 'client_certificate'],
    lists: ['secrets'],
  },
  { name: 'applications', primaryKey: ['id'], columns: ['notice_secret'] },
  { name: 'application_credentials', primaryKey: ['id'], columns: ['secret', 'previous_secret'] },
  { name: 'accounts', primaryKey: ['id'], columns: ['totp_secret', 'totp_offered'] },
  { name: 'oauth1_tokens', primaryKey: ['id'], columns: ['secret'] },
  { name: 'oauth1_temporary_credentials', primaryKey: ['token'], columns: ['secret'] },
  { name: 'oauth2_keys', primaryKey: ['id'], columns: ['jwk'] },
  // These two can be large: an index holds the key id of each row.
  { name: 'oauth2_items', primaryKey: ['kind', 'id_hash'], columns: ['payload'] },
  { name: 'idempotency_keys', primaryKey: ['principal', 'key'], columns: ['answer'] },
];

/** SQL of the id of the key that a text was encrypted with. */
export function keyIdOf(text: string): string {
  return `split_part(${text}, '.', 2)`;
}

/** The ids of all keys that something in the table is encrypted with. */
export async function keyIdsIn(dataSource: DataSource, table: SealedTable): Promise<Set<string>> {
  const { name, columns, lists = [] } = table;
  const sources = [
    ...columns.map((column) => `SELECT ${keyIdOf(column)} AS id FROM relay_control.${name}`),
    ...lists.map(
      (column) => `SELECT ${keyIdOf('text')} AS id FROM relay_control.${name}, unnest(${column}) AS text`,
    ),
  ];
  const ids = new Set<string>();
  for (const source of sources) {
    // From one id to the next, which an index answers at once however many rows there are.
    let id = await nextKeyId(dataSource, source, '');
    while (id !== undefined) {
      ids.add(id);
      id = await nextKeyId(dataSource, source, id);
    }
  }
  return ids;
}

async function nextKeyId(dataSource: DataSource, source: string, after: string): Promise<string | undefined> {
  const [row] = await dataSource.query<{ id: string }[]>(
    `SELECT id FROM (${source}) AS sealed WHERE id > $1 ORDER BY id LIMIT 1`,
    [after],
  );
  return row?.id;
}

/**
 * Better no start than secrets that cannot be read: neither control nor delivery could use them.
 * @throws RelayError SECRET_UNREADABLE that names the keys that are missing
 */
export async function requireReadableSecrets(dataSource: DataSource, key: SecretsKey): Promise<void> {
  const missing = new Set<string>();
  const where: string[] = [];
  for (const table of sealedTables) {
    const unknown = [...(await keyIdsIn(dataSource, table))].filter((id) => !key.ids.includes(id));
    unknown.forEach((id) => missing.add(id));
    if (unknown.length > 0) {
      where.push(table.name);
    }
  }
  if (missing.size > 0) {
    throw new RelayError(
      'SECRET_UNREADABLE',
      `secrets in ${where.join(', ')} were encrypted with another SECRETS_KEY (key id ${[...missing].join(', ')}, here ${key.ids.join(', ')}): add that key behind the first, and take it away when the log says that it is needed no more (docs/secrets.md)`,
    );
  }
}
