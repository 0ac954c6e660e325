import { expect, it } from '@jest/globals';
import { Client } from 'pg';
import { silentLogger } from '#libs/telemetry';
import { eventually } from '../../../test/harness/eventually.js';
import { runRepublishCommand } from '../src/republish-command.js';
import { Api, controlUnderTest } from './control-under-test.js';

const control = controlUnderTest();

/** As if a backup of before these subscriptions had been restored. */
async function forget(databaseUrl: string, ids: readonly string[]): Promise<void> {
  const client = new Client({ connectionString: databaseUrl });
  await client.connect();
  await client.query('DELETE FROM relay_control.subscriptions WHERE id = ANY($1)', [ids]);
  await client.query(`UPDATE relay_control.subscriptions SET url = 'https://shop.example/before'`);
  await client.end();
}

it('control republish brings relay.subscriptions to what the database says, and removes what only the topic has where that is asked for', async () => {
  const env = await control.environment({ LOG_LEVEL: 'silent' });
  const { port } = await control.start(env);
  const api = new Api(`http://127.0.0.1:${port}`);
  const kept = await api.create();
  const lost = await api.create();
  await eventually(async () => (await control.publishedStates()).size === 2);
  await forget(String(env['DATABASE_URL']), [lost.id]);

  expect(await runRepublishCommand(silentLogger, [], env)).toBe(0);
  await eventually(
    async () => (await control.publishedStates()).get(kept.id)?.url === 'https://shop.example/before',
  );
  expect((await control.publishedStates()).get(lost.id)?.url).toBe('https://shop.example/hooks/odoo');

  expect(await runRepublishCommand(silentLogger, ['--remove-unknown'], env)).toBe(0);
  await eventually(async () => (await control.publishedStates()).get(lost.id) === undefined);
  expect((await control.publishedStates()).get(kept.id)?.url).toBe('https://shop.example/before');
});

it('control republish ends with the exit code of what is wrong: an unknown argument, no settings', async () => {
  expect(await runRepublishCommand(silentLogger, ['--all'], {})).toBe(64);
  expect(await runRepublishCommand(silentLogger, [], {})).toBe(78);
});
