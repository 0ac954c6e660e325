import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Client } from 'pg';
import { silentLogger as logger } from '#libs/telemetry';
import { connect, createSmallOdoo } from '../../../test/e2e/small-odoo.js';
import { testStack } from '../../../test/harness/stack.js';
import { firstPosition } from './first-position.js';
import { installCapture } from './install-capture.js';
import { OutboxRotation } from './outbox-slots.js';
import type { Position } from './position.js';
import { emptySnapshot, parseSnapshot } from './snapshot.js';

const stack = testStack();
let client: Client;

beforeAll(async () => {
  const databaseUrl = await stack.freshDatabase();
  await createSmallOdoo(databaseUrl);
  client = await connect(databaseUrl);
  await installCapture(client, ['res.partner'], logger);
});

afterAll(() => client.end());

const position = (epoch: string, xmax: bigint): Position => ({
  epoch,
  from: parseSnapshot(`${xmax}:${xmax}:`),
  to: null,
  load: null,
  sequence: 1_000_000n,
});

async function loadsDue(): Promise<unknown> {
  const { rows } = await client.query<{ loads_due: unknown }>('select loads_due from relay.installation');
  return rows[0]?.loads_due;
}

describe('the position to go on from', () => {
  it('is the one in the topics, and the beginning where there is none', async () => {
    const published = position('e1', 4n);
    expect(await firstPosition(client, published, 'e1', { acceptedEpoch: '', logger })).toBe(published);
    const fresh = { epoch: 'e1', from: emptySnapshot, to: null, sequence: 0n, load: null };
    expect(await firstPosition(client, undefined, 'e1', { acceptedEpoch: '', logger })).toEqual(fresh);
  });

  it('of a database that was published before asks for loads of all tables where its topics are gone, and not before', async () => {
    const begin = (): Promise<Position> =>
      firstPosition(client, undefined, 'e1', { acceptedEpoch: '', logger });
    await begin();
    expect(await loadsDue()).toBeNull();
    const rotation = new OutboxRotation({ intervalMs: 0, slotBytes: 1, slotAgeMs: 0 });
    await client.query(`insert into res_partner (name) values ('a')`);
    const { rows } = await client.query<{ seen: string }>('select pg_current_snapshot()::text as seen');
    for (let turn = 0; turn < 3; turn += 1) {
      await rotation.turn(client, parseSnapshot(rows[0]?.seen ?? ''));
    }
    expect(await begin()).toMatchObject({ epoch: 'e1', from: emptySnapshot });
    expect(await loadsDue()).toBe('gap');
    await client.query('update relay.installation set loads_due = null, outbox_emptied = false');
    await client.query(`insert into relay.load_request (relation, started_at) values ('res_partner', now())`);
    await begin();
    expect(await loadsDue()).toBe('gap');
    await client.query('update relay.installation set loads_due = null');
  });

  it('of a restored backup that is behind its topics is refused, though its epoch were accepted', async () => {
    const ahead = position('e1', 2n ** 40n);
    for (const acceptedEpoch of ['', 'e1']) {
      const refused = firstPosition(client, ahead, 'e1', { acceptedEpoch, logger });
      await expect(refused).rejects.toMatchObject({ code: 'EPOCH_MISMATCH', exitCode: 78 });
      await expect(refused).rejects.toThrow(/earlier state .*drop schema relay cascade/);
    }
  });

  it('of another installation is refused until its epoch is accepted, then begins anew with loads of all tables', async () => {
    const other = position('e1', 2n ** 40n);
    const refused = firstPosition(client, other, 'e2', { acceptedEpoch: '', logger });
    await expect(refused).rejects.toThrow(/ACCEPT_EPOCH=e2 .*DATABASE_SLUG/);
    expect(await loadsDue()).toBeNull();
    const accepted = await firstPosition(client, other, 'e2', { acceptedEpoch: 'e2', logger });
    expect(accepted).toMatchObject({ epoch: 'e2', sequence: 0n });
    expect(await loadsDue()).toBe('gap');
    const { rows } = await client.query<{ next: string }>(
      `select nextval('relay.change_sequence')::text as next`,
    );
    expect(BigInt(rows[0]?.next ?? 0)).toBeGreaterThan(other.sequence);
  });
});
