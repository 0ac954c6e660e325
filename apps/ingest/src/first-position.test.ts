import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Client } from 'pg';
import { silentLogger as logger } from '#libs/telemetry';
import { connect, createSmallOdoo } from '../../../test/e2e/small-odoo.js';
import { testStack } from '../../../test/harness/stack.js';
import { firstPosition } from './first-position.js';
import { installCapture } from './install-capture.js';
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
  sequence: 7n,
});

describe('the position to go on from', () => {
  it('is the one in the topics, and the beginning where there is none', async () => {
    const published = position('e1', 4n);
    expect(await firstPosition(client, published, 'e1', { acceptedEpoch: '', logger })).toBe(published);
    const fresh = { epoch: 'e1', from: emptySnapshot, to: null, sequence: 0n, load: null };
    expect(await firstPosition(client, undefined, 'e1', { acceptedEpoch: '', logger })).toEqual(fresh);
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
    const loadsDue = async (): Promise<unknown> =>
      (await client.query<{ loads_due: unknown }>('select loads_due from relay.installation')).rows[0]
        ?.loads_due;
    expect(await loadsDue()).toBeNull();
    const accepted = await firstPosition(client, other, 'e2', { acceptedEpoch: 'e2', logger });
    expect(accepted).toMatchObject({ epoch: 'e2', sequence: 0n });
    expect(await loadsDue()).toBe('gap');
  });
});
