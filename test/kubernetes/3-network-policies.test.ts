import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { stringify } from 'yaml';
import { eventually } from '../harness/eventually.js';
import type { Cluster } from './cluster.js';
import { image, Installation } from './installation.js';

const stranger = 'stranger';
/** Prints `reached`, or why not within two seconds. */
const probe = `const [host, port] = process.argv.slice(1);
  const socket = require('node:net').connect({ host, port: Number(port), timeout: 2000 });
  const end = (what) => { console.log(what); process.exit(); };
  socket.once('connect', () => end('reached'));
  socket.once('timeout', () => end('timeout'));
  socket.once('error', ({ code }) => end(code));`;

describe('with the network policies of the chart', () => {
  let installation: Installation;
  let cluster: Cluster;

  beforeAll(async () => {
    installation = await Installation.open();
    cluster = installation.cluster;
    await cluster.kubectl(['apply', '--filename', '-'], { input: stringify(strangerPod()) });
    await cluster.kubectl(['wait', '--for=condition=Ready', `pod/${stranger}`, '--timeout=60s']);
  });

  afterAll(async () => {
    await cluster.kubectl(['delete', 'pod', stranger, '--grace-period=1']);
  });

  async function reach(pod: string, host: string, port: number): Promise<string> {
    return (await cluster.exec(pod, ['node', '-e', probe, host, String(port)])).trim();
  }

  it('a pod that is not ours reaches what has no policy, and neither Postgres, Kafka, the registry nor control', async () => {
    const nameOf = (component: string): string => installation.nameOf(component);
    // In force within a second of its start.
    await eventually(async () => (await reach(stranger, 'odoo-postgres', 5432)) === 'reached');
    const [control, delivery] = [await cluster.readyPod('control'), await cluster.readyPod('delivery')];
    const forbidden: [string, number][] = [
      [nameOf('postgres'), 5432],
      [nameOf('kafka'), 9092],
      [nameOf('registry'), 8080],
      [nameOf('control'), 80],
      [control.ip, 8080],
      // Its metrics, which ask nobody who he is.
      [control.ip, 9090],
      [delivery.ip, 8080],
    ];
    const reached = await Promise.all(forbidden.map(([host, port]) => reach(stranger, host, port)));
    expect(reached).toEqual(forbidden.map(() => 'timeout'));
  });

  it('delivery reaches its receivers on this machine and Kafka, and not the API server, Postgres or metadata', async () => {
    const { name } = await cluster.readyPod('delivery');
    const api = await cluster.json<{ spec: { clusterIP: string } }>([
      ...['get', 'service', 'kubernetes', '--namespace', 'default'],
    ]);
    expect(await reach(name, installation.nameOf('kafka'), 9092)).toBe('reached');
    // Nobody listens there: that it says so means that it was asked.
    expect(await reach(name, installation.hostAddress, 60_999)).toBe('ECONNREFUSED');
    const forbidden: [string, number][] = [
      [api.spec.clusterIP, 443],
      [installation.hostAddress, 6443],
      [installation.nameOf('postgres'), 5432],
      ['odoo-postgres', 5432],
      ['169.254.169.254', 80],
      [(await cluster.readyPod('router')).ip, 8080],
    ];
    const reached = await Promise.all(forbidden.map(([host, port]) => reach(name, host, port)));
    expect(reached.map((what) => what !== 'reached' && what !== 'ECONNREFUSED')).toEqual(
      forbidden.map(() => true),
    );
  });

  it('no app has a token for the API server', async () => {
    const { name } = await cluster.readyPod('delivery');
    const folder = '/var/run/secrets/kubernetes.io';
    expect(await cluster.exec(name, ['sh', '-c', `ls ${folder} 2>/dev/null || echo none`])).toBe('none\n');
  });
});

/** What anybody else in the namespace may be. */
function strangerPod(): object {
  const { repository, tag } = image('first');
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: stranger, labels: { app: stranger } },
    spec: {
      automountServiceAccountToken: false,
      terminationGracePeriodSeconds: 1,
      securityContext: { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } },
      containers: [
        {
          name: stranger,
          image: `${repository}:${tag}`,
          command: ['node', '-e', 'setInterval(() => undefined, 1000)'],
          securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } },
        },
      ],
    },
  };
}
