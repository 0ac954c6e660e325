import { describe, expect, it } from '@jest/globals';
import { messageOf } from '#libs/process';
import { testStack } from '../../../test/harness/stack.js';
import { connectPostgres, openPool, type PostgresAddress } from './connection.js';
import { isConnectionLost, isNoPermission, sqlStateOf } from './sql-state.js';

const stack = testStack();
const address = { variable: 'DATABASE_URL', applicationName: 'test' };

describe('a connection to Postgres', () => {
  it('that cannot be made names the variable and the address, never the password', async () => {
    const url = 'postgres://someone:hidden@127.0.0.1:1/nowhere';
    for (const connect of [connectPostgres, (to: PostgresAddress) => openPool(to)]) {
      const error = await connect({ ...address, url }).then(
        () => undefined,
        (reason: unknown) => reason,
      );
      expect(error).toMatchObject({ code: 'POSTGRES_UNAVAILABLE' });
      expect(messageOf(error)).toMatch(/127\.0\.0\.1:1\/nowhere .*is it running, and is DATABASE_URL right/);
      expect(messageOf(error)).not.toContain('hidden');
    }
  });

  it('that is ended by the server is told from a statement that fails', async () => {
    const url = await stack.freshDatabase();
    const lost: Error[] = [];
    const client = await connectPostgres({ ...address, url }, (error) => lost.push(error));
    const failed = await client.query('select 1 / 0').catch((error: unknown) => error);
    expect([sqlStateOf(failed), isConnectionLost(failed), isNoPermission(failed)]).toEqual([
      '22012',
      false,
      false,
    ]);
    const ended = await client
      .query('select pg_terminate_backend(pg_backend_pid())')
      .catch((error: unknown) => error);
    expect(isConnectionLost(ended)).toBe(true);
    const after = await client.query('select 1').catch((error: unknown) => error);
    expect(isConnectionLost(after)).toBe(true);
    await client.end().catch(() => undefined);
  });
});
