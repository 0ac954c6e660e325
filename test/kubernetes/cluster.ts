import { readdirSync, readFileSync } from 'node:fs';
import { eventually } from '../harness/eventually.js';
import { command, type CommandOptions } from './command.js';

export interface PodState {
  name: string;
  node: string;
  ip: string;
  isReady: boolean;
  isLeaving: boolean;
  /** Of its only container. */
  restarts: number;
  containerId: string;
  image: string;
  /** With what the container before this one has ended; undefined where this is the first. */
  lastExitCode: number | undefined;
}

interface PodObject {
  metadata: { name: string; deletionTimestamp?: string };
  spec: { nodeName?: string; containers: { image: string }[] };
  status: {
    phase: string;
    podIP?: string;
    conditions?: { type: string; status: string }[];
    containerStatuses?: {
      restartCount: number;
      containerID?: string;
      lastState?: { terminated?: { exitCode: number } };
    }[];
  };
}

/** The namespace of a release in the cluster that kubectl knows, and what may befall it there. */
export class Cluster {
  constructor(readonly namespace: string) {}

  kubectl(args: readonly string[], options?: CommandOptions): Promise<string> {
    return command('kubectl', ['--namespace', this.namespace, ...args], options);
  }

  async json<T>(args: readonly string[]): Promise<T> {
    return JSON.parse(await this.kubectl([...args, '--output=json'])) as T;
  }

  /** By their label `app.kubernetes.io/component`; those that have ended are left out. */
  async pods(component: string): Promise<PodState[]> {
    const selector = `--selector=app.kubernetes.io/component=${component}`;
    const { items } = await this.json<{ items: PodObject[] }>(['get', 'pods', selector]);
    return items.filter(({ status }) => !['Failed', 'Succeeded'].includes(status.phase)).map(podState);
  }

  /** One that is ready and stays. */
  async readyPod(component: string): Promise<PodState> {
    return eventually(async () => (await this.readyPods(component))[0], { timeoutMs: 180_000, pollMs: 500 });
  }

  async readyPods(component: string): Promise<PodState[]> {
    return (await this.pods(component)).filter(({ isReady, isLeaving }) => isReady && !isLeaving);
  }

  /** Exactly so many are there, and all of them ready. */
  async untilReady(component: string, count: number, timeoutMs = 240_000): Promise<PodState[]> {
    let seen: PodState[] = [];
    return eventually(
      async () => {
        seen = (await this.pods(component)).filter(({ isLeaving }) => !isLeaving);
        return seen.length === count && seen.every(({ isReady }) => isReady) ? seen : undefined;
      },
      { timeoutMs, pollMs: 500, describe: () => `${count} pods of ${component}: ${JSON.stringify(seen)}` },
    );
  }

  /** As it is now. */
  async pod(name: string): Promise<PodState> {
    return podState(await this.json<PodObject>(['get', 'pod', name]));
  }

  /** A pod whose container has ended is there again, ready. */
  async untilStartedAgain({ name, restarts }: PodState): Promise<PodState> {
    return eventually(
      async () => {
        const pod = await this.pod(name);
        return pod.restarts > restarts && pod.isReady ? pod : undefined;
      },
      { timeoutMs: 240_000, pollMs: 500, describe: () => `${name} to be ready again` },
    );
  }

  /** What the shell of a pod's container says. */
  exec(pod: string, args: readonly string[]): Promise<string> {
    return this.kubectl(['exec', pod, '--', ...args]);
  }

  /** Address of a Service inside the cluster, which this machine reaches. */
  async serviceAddress(name: string): Promise<string> {
    const { spec } = await this.json<{ spec: { clusterIP: string } }>(['get', 'service', name]);
    return spec.clusterIP;
  }

  /** Leaves a node through its evictions, as before its upgrade. */
  async drain(node: string): Promise<void> {
    await this.kubectl(['drain', node, '--ignore-daemonsets', '--delete-emptydir-data', '--timeout=300s'], {
      timeoutMs: 330_000,
    });
  }

  async uncordon(node: string): Promise<void> {
    await this.kubectl(['uncordon', node]);
  }

  /** So that losing a node loses nothing but pods of the release. */
  async keepClusterServicesOff(node: string): Promise<void> {
    await this.kubectl(['cordon', node]);
    for (const namespace of ['kube-system', 'keda']) {
      const all = ['--namespace', namespace, 'delete', 'pods', `--field-selector=spec.nodeName=${node}`];
      await command('kubectl', all);
      await command('kubectl', [
        '--namespace',
        namespace,
        'rollout',
        'status',
        'deployment',
        '--timeout=180s',
      ]);
    }
    await this.uncordon(node);
  }

  async nodeIsReady(node: string): Promise<boolean> {
    const path = 'jsonpath={.status.conditions[?(@.type=="Ready")].status}';
    return (await this.kubectl(['get', 'node', node, '--output', path])) === 'True';
  }

  /** Of a pod's process on this machine, where its node is only a network namespace: SIGKILL, SIGSTOP, SIGCONT. */
  signal(pod: PodState, signal: NodeJS.Signals): void {
    process.kill(processOf(pod), signal);
  }
}

/** The number that this machine's kernel gives to the process of a pod's container. */
export function processOf({ name, containerId }: PodState): number {
  for (const entry of readdirSync('/proc').filter((one) => /^\d+$/.test(one))) {
    try {
      if (readFileSync(`/proc/${entry}/cgroup`, 'utf8').includes(containerId)) return Number(entry);
    } catch {
      // It has ended meanwhile.
    }
  }
  throw new Error(`no process of this machine belongs to ${name} (${containerId})`);
}

/** `node2` is cut off from everybody, as by a loss of power: what ran there is not seen any more. */
export async function cutOff(node: string): Promise<void> {
  await command('ip', ['link', 'set', linkOf(node), 'down']);
}

export async function connectAgain(node: string): Promise<void> {
  await command('ip', ['link', 'set', linkOf(node), 'up']);
}

/** The cluster's own name of the cable between a node and the others. */
function linkOf(node: string): string {
  return node.replace(/^node/, 'k8slabv');
}

function podState({ metadata, spec, status }: PodObject): PodState {
  const container = status.containerStatuses?.[0];
  return {
    name: metadata.name,
    node: spec.nodeName ?? '',
    ip: status.podIP ?? '',
    isReady: status.conditions?.some(({ type, status: is }) => type === 'Ready' && is === 'True') ?? false,
    isLeaving: metadata.deletionTimestamp !== undefined,
    restarts: container?.restartCount ?? 0,
    containerId: container?.containerID?.replace(/^.*\/\//, '') ?? '',
    image: spec.containers[0]?.image ?? '',
    lastExitCode: container?.lastState?.terminated?.exitCode,
  };
}
