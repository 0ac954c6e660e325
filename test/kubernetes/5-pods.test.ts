import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { delay } from '#libs/process';
import { eventually } from '../harness/eventually.js';
import { processOf, type Cluster, type PodState } from './cluster.js';
import { command } from './command.js';
import { apps, image, Installation } from './installation.js';
import { noFaults, SteadyFlow } from './steady-flow.js';

interface DeploymentObject {
  spec: {
    selector: { matchLabels: Record<string, string> };
    template: { metadata: { labels: Record<string, string> }; spec: { containers: object[] } };
  };
}

describe('under a steady flow of changes', () => {
  let installation: Installation;
  let cluster: Cluster;

  beforeAll(async () => {
    installation = await Installation.open();
    cluster = installation.cluster;
  });

  async function restarts(): Promise<Record<string, number>> {
    const pods = (await Promise.all(apps.map((app) => cluster.pods(app)))).flat();
    return Object.fromEntries(pods.map((pod) => [pod.name, pod.restarts]));
  }

  it('each pod of each app is killed, one after the other: nothing is lost, and the order stays', async () => {
    const flow = await SteadyFlow.start(installation);
    for (const app of apps) {
      for (const pod of await cluster.pods(app)) {
        cluster.signal(pod, 'SIGKILL');
        await cluster.untilStartedAgain(pod);
        await flow.untilMoreHasCome(20);
      }
    }
    expect(await flow.end()).toEqual(noFaults);
    console.info(`killed pods: ${flow.came} changes came, ${flow.duplicates} of them again`);
  });

  it('fault 121: SIGTERM while requests are under way: each app drains and ends with 0, and nothing is lost', async () => {
    const flow = await SteadyFlow.start(installation);
    // Some requests are always under way, and the subscription keeps up all the same.
    flow.answerAfter(200);
    await delay(5_000);
    for (const app of apps) {
      const [pod] = await cluster.readyPods(app);
      if (pod === undefined) throw new Error(`no pod of ${app} is ready`);
      cluster.signal(pod, 'SIGTERM');
      expect((await cluster.untilStartedAgain(pod)).lastExitCode).toBe(0);
    }
    flow.answerAfter(0);
    expect(await flow.end()).toEqual(noFaults);
    console.info(`SIGTERM: ${flow.came} changes came, ${flow.duplicates} of them again`);
  });

  it('fault 51: processes that do nothing for 20 s are not killed by their liveness, and nothing is lost', async () => {
    const flow = await SteadyFlow.start(installation);
    const before = await restarts();
    const chosen = (await Promise.all(apps.map((app) => cluster.readyPods(app)))).flat();
    for (const pod of chosen) cluster.signal(pod, 'SIGSTOP');
    await delay(20_000);
    for (const pod of chosen) cluster.signal(pod, 'SIGCONT');
    await flow.untilMoreHasCome(100);
    await installation.untilAllReady();
    expect(await flow.end()).toEqual(noFaults);
    expect(await restarts()).toEqual(before);
  });

  it('fault 52: the broker is restarted in order, and nobody ends, nothing is lost', async () => {
    const flow = await SteadyFlow.start(installation);
    const before = await restarts();
    const kafka = `statefulset/${installation.nameOf('kafka')}`;
    await cluster.kubectl(['rollout', 'restart', kafka]);
    await cluster.kubectl(['rollout', 'status', kafka, '--timeout=240s']);
    await flow.untilMoreHasCome(100);
    expect(await flow.end()).toEqual(noFaults);
    expect(await restarts()).toEqual(before);
  });

  it('fault 122: without Kafka for longer than liveness waits, pods are not ready, and none is started again', async () => {
    const flow = await SteadyFlow.start(installation);
    const before = await restarts();
    const kafka = `statefulset/${installation.nameOf('kafka')}`;
    await cluster.kubectl(['scale', kafka, '--replicas=0']);
    try {
      for (const app of ['router', 'delivery']) await untilNotReady(app);
      await delay(75_000);
      for (const app of ['router', 'delivery']) await untilNotReady(app);
      expect(await restarts()).toEqual(before);
      // The API goes on: what it is told reaches Kafka later.
      expect(await cluster.readyPods('control')).toHaveLength(2);
    } finally {
      await cluster.kubectl(['scale', kafka, '--replicas=1']);
    }
    await installation.untilAllReady();
    await flow.untilMoreHasCome(100);
    expect(await flow.end()).toEqual(noFaults);
    expect(await restarts()).toEqual(before);
  });

  it('fault 123: delivery without a free file descriptor sheds, and nothing is lost', async () => {
    const flow = await SteadyFlow.start(installation);
    const pods = await cluster.readyPods('delivery');
    const limits = pods.map((pod) => openFilesLimit(pod));
    for (const pod of pods) await limitFiles(pod, 20);
    flow.dropConnections();
    await delay(15_000);
    for (const [index, pod] of pods.entries()) await limitFiles(pod, limits[index] ?? 1_024);
    await flow.untilMoreHasCome(100);
    const { lost, twoIds, forged } = await flow.end();
    // What failed came later than what came after it.
    expect({ lost, twoIds, forged }).toEqual({ lost: [], twoIds: [], forged: [] });
  });

  it('fault 50: a pod of router and delivery whose clock is ten minutes late delays nothing by that', async () => {
    const twins = [await lateTwin('router'), await lateTwin('delivery')];
    const flow = await SteadyFlow.start(installation, { subscriptions: 12 });
    // What is tried again waits by the clock of whoever put it off.
    flow.refuseOneIn(50);
    await flow.untilMoreHasCome(3_000);
    const { lost, twoIds, forged } = await flow.end();
    expect({ lost, twoIds }).toEqual({ lost: [], twoIds: [] });
    // It did its part, and all that is wrong with its signatures is the time.
    expect(forged.length).toBeGreaterThan(0);
    expect(forged.filter((one) => !one.endsWith(': too old'))).toEqual([]);
    for (const twin of twins) await cluster.kubectl(['delete', 'deployment', twin]);
    await cluster.untilReady('delivery', 2);
    await cluster.untilReady('router', 2);
  });

  /** One more pod of an app, with another clock. */
  async function lateTwin(app: string): Promise<string> {
    const name = `${installation.nameOf(app)}-late`;
    const { spec } = await cluster.json<DeploymentObject>(['get', 'deployment', installation.nameOf(app)]);
    const clock = { clock: 'late' };
    const labels = { ...spec.template.metadata.labels, ...clock };
    const { repository, tag } = image('late');
    const [container] = spec.template.spec.containers;
    const twin = {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name },
      spec: {
        replicas: 1,
        selector: { matchLabels: { ...spec.selector.matchLabels, ...clock } },
        template: {
          metadata: { labels },
          spec: { ...spec.template.spec, containers: [{ ...container, image: `${repository}:${tag}` }] },
        },
      },
    };
    await cluster.kubectl(['apply', '--filename', '-'], { input: JSON.stringify(twin) });
    await cluster.kubectl(['rollout', 'status', `deployment/${name}`, '--timeout=180s']);
    return name;
  }

  async function untilNotReady(app: string): Promise<void> {
    let seen: PodState[] = [];
    await eventually(
      async () => {
        seen = await cluster.pods(app);
        return seen.length > 0 && seen.every(({ isReady }) => !isReady);
      },
      {
        timeoutMs: 120_000,
        pollMs: 1_000,
        describe: () => `no pod of ${app} ready: ${JSON.stringify(seen)}`,
      },
    );
  }
});

/** The soft limit of a process that runs: it cannot open more, what is open stays. */
async function limitFiles(pod: PodState, count: number): Promise<void> {
  const whoItRunsAs = ['--reuid=10001', '--regid=10001', '--clear-groups'];
  await command('setpriv', [...whoItRunsAs, 'prlimit', `--pid=${processOf(pod)}`, `--nofile=${count}:`]);
}

function openFilesLimit(pod: PodState): number {
  return Number(/^Max open files\s+(\d+)/m.exec(readFileSync(`/proc/${processOf(pod)}/limits`, 'utf8'))?.[1]);
}
