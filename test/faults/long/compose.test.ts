import { randomBytes } from 'node:crypto';
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { dockerAnswers } from '#embedded';
import { ControlClient } from '../../../docker/start/control-client.js';
import { connect, createSmallOdoo } from '../../e2e/small-odoo.js';
import { eventually } from '../../harness/eventually.js';
import { startReceiver, type Receiver } from '../../harness/receiver.js';
import { refusalOf } from '../../harness/signatures.js';

const run = promisify(execFile);
const apps = ['ingest', 'router', 'delivery', 'control'];
const adminKey = randomBytes(32).toString('hex');
const password = randomBytes(16).toString('hex');
const project = 'odoo-relay-compose-test';
const files = ['-f', 'docker/compose.yaml', '-f', 'test/faults/long/compose-ports.yaml'];
const environment = {
  ...process.env,
  COMPOSE_PROJECT_NAME: project,
  POSTGRES_PASSWORD: password,
  ADMIN_KEY: adminKey,
  SECRETS_KEY: randomBytes(32).toString('base64'),
  ODOO_DATABASE_URL: `postgres://relay:${password}@postgres:5432/odoo`,
  MODELS: 'res.partner',
  ALLOWED_RECEIVERS: 'host.docker.internal',
  CONTROL_LISTEN: '127.0.0.1:0',
  RELAY_IMAGE: 'odoo-relay:compose-test',
  RELAY_BUILD_NETWORK: 'host',
};
const isThere = await dockerAnswers();
if (!isThere) console.warn('SKIPPED: no Docker engine answers');
const describeCompose = isThere ? describe : describe.skip;

async function docker(...args: string[]): Promise<string> {
  return (await run('docker', args, { env: environment, maxBuffer: 2 ** 26 })).stdout.trim();
}

function compose(...args: string[]): Promise<string> {
  return docker('compose', ...files, ...args);
}

describeCompose('the image, with everything under docker/compose.yaml', () => {
  let receiver: Receiver;

  beforeAll(async () => {
    await compose('build', '--quiet', 'control');
    await compose('up', '--detach', '--wait', 'postgres');
    const server = await compose('port', 'postgres', '5432');
    const client = await connect(`postgres://relay:${password}@${server}/relay_control`);
    await client.query('create database odoo');
    await client.end();
    await createSmallOdoo(`postgres://relay:${password}@${server}/odoo`);
    await compose('up', '--detach', '--wait');
    receiver = await startReceiver(200, undefined, '0.0.0.0');
  });

  afterAll(async () => {
    await receiver.close();
    await compose('down', '--volumes', '--timeout', '30');
  });

  it('comes up healthy, all apps as another user than root, with a root that cannot be written', async () => {
    for (const app of apps) {
      const id = await compose('ps', '--quiet', app);
      const [container] = JSON.parse(await docker('inspect', id)) as [
        {
          State: { Health: { Status: string } };
          Config: { User: string };
          HostConfig: { ReadonlyRootfs: boolean };
        },
      ];
      expect(container.State.Health.Status).toBe('healthy');
      expect(container.Config.User).toBe('10001:10001');
      expect(container.HostConfig.ReadonlyRootfs).toBe(true);
    }
  });

  it('delivers a change, signed', async () => {
    const control = new ControlClient(`http://${await compose('port', 'control', '8080')}`, adminKey);
    const { id, secret } = await control.create({
      database: 'odoo',
      eventTypes: ['res.partner.created'],
      url: `http://host.docker.internal:${receiver.port}/`,
    });
    await eventually(async () => (await control.find(id))?.published);
    const server = await compose('port', 'postgres', '5432');
    const client = await connect(`postgres://relay:${password}@${server}/odoo`);
    await eventually(
      async () => {
        await client.query(`insert into res_partner (name) values ('Azure')`);
        return receiver.requests.length > 0;
      },
      { timeoutMs: 60_000, pollMs: 500 },
    );
    await client.end();
    const [request] = receiver.requests;
    if (request === undefined) throw new Error('no request');
    expect(refusalOf(request, secret)).toBeUndefined();
    expect(request.body.toString()).toContain('Azure');
  });

  it('adds less than 60 MB to its base, and tells what is in it', async () => {
    const sizeOf = async (image: string): Promise<number> =>
      Number(await docker('image', 'inspect', '--format', '{{.Size}}', image));
    const added = (await sizeOf(environment.RELAY_IMAGE)) - (await sizeOf('node:24-slim'));
    expect(added).toBeLessThan(60_000_000);
    const bill = await compose('exec', '-T', 'router', 'cat', 'sbom.cdx.json');
    expect((JSON.parse(bill) as { bomFormat: string }).bomFormat).toBe('CycloneDX');
  });

  it('stops within 30 s when it is told to, each app with 0', async () => {
    await compose('stop', '--timeout', '30', ...apps);
    for (const app of apps) {
      const id = await compose('ps', '--all', '--quiet', app);
      expect({ app, code: await docker('inspect', '--format', '{{.State.ExitCode}}', id) }).toEqual({
        app,
        code: '0',
      });
    }
  });
});
