import { fileURLToPath } from 'node:url';
import { stringify } from 'yaml';
import { delay } from '#libs/process';
import { ControlClient } from '../../docker/start/control-client.js';
import { odooFixture, restoreDump } from '../e2e/odoo-fixture.js';
import { connect, createSmallOdoo } from '../e2e/small-odoo.js';
import { eventually } from '../harness/eventually.js';
import { Cluster } from './cluster.js';
import { command } from './command.js';

export const release = 'relay';
const namespace = 'odoo-relay-test';
/** In the release's names. */
const fullname = 'relay-odoo-relay';
const chart = fileURLToPath(new URL('../../charts/odoo-relay', import.meta.url));
const odooManifest = fileURLToPath(new URL('odoo-postgres.yaml', import.meta.url));
/** The node that holds the servers, which this test neither drains nor loses. */
const serversNode = 'node1';
/** The node that passes this machine's requests on, as a pod of the other node sees it. */
const passingNode = '10.44.0.11/32';
/** Ports that this machine gives to who asks for any: the receivers, and not the API server. */
const receiverPorts = { protocol: 'TCP', port: 32768, endPort: 60999 };

/** Values of the label `app.kubernetes.io/component`. */
export const apps = ['ingest', 'router', 'delivery', 'control'];

/** Databases: one with a little of Odoo that changes all the time, and the recorded one where there is one. */
export const steady = 'steady';
export const recorded = 'recorded';

export type Values = Readonly<Record<string, unknown>>;

/** The chart, installed in the cluster, with Odoo's Postgres beside it. Opening it again finds it there. */
export class Installation {
  private constructor(
    readonly cluster: Cluster,
    /** By which pods reach this machine. */
    readonly hostAddress: string,
    readonly odooAddress: string,
    readonly controlUrl: string,
    readonly adminKey: string,
  ) {}

  static async open(): Promise<Installation> {
    const cluster = new Cluster(namespace);
    const hostAddress = await hostOf(cluster);
    await createNamespace();
    const odooAddress = await Installation.odoo(cluster);
    await upgrade(hostAddress);
    const controlUrl = `http://${await cluster.serviceAddress(`${fullname}-control`)}`;
    const { data } = await cluster.json<{ data: { ADMIN_KEY: string } }>([
      'get',
      'secret',
      `${fullname}-generated`,
    ]);
    const adminKey = Buffer.from(data.ADMIN_KEY, 'base64').toString();
    const installation = new Installation(cluster, hostAddress, odooAddress, controlUrl, adminKey);
    await installation.untilAllReady();
    return installation;
  }

  /** Its databases are made before ingest comes to install the capture. */
  private static async odoo(cluster: Cluster): Promise<string> {
    await cluster.kubectl(['apply', '--filename', odooManifest]);
    await cluster.kubectl(['rollout', 'status', 'statefulset/odoo-postgres', '--timeout=180s']);
    const address = await cluster.serviceAddress('odoo-postgres');
    const server = await eventually(() => connect(odooUrl(address, 'odoo')), {
      timeoutMs: 60_000,
      pollMs: 500,
    });
    const { rows } = await server.query<{ datname: string }>('select datname from pg_database');
    const missing = [...databases().keys()].filter((slug) => !rows.some(({ datname }) => datname === slug));
    for (const slug of missing) {
      await server.query(`create database ${slug}`);
      await databases().get(slug)?.(odooUrl(address, slug));
    }
    await server.end();
    return address;
  }

  odooUrl(slug: string): string {
    return odooUrl(this.odooAddress, slug);
  }

  get control(): ControlClient {
    return new ControlClient(this.controlUrl, this.adminKey);
  }

  /** To other values than those that it was opened with; waits until Helm says that all is ready. */
  async upgrade(values: Values = {}): Promise<void> {
    await upgrade(this.hostAddress, values);
  }

  nameOf(component: string): string {
    return `${fullname}-${component}`;
  }

  /** Of all apps and databases, as `ingest-steady`. */
  get deployments(): string[] {
    return [...[...databases().keys()].map((slug) => `ingest-${slug}`), 'router', 'delivery', 'control'];
  }

  async untilAllReady(timeoutMs = 300_000): Promise<void> {
    for (const one of this.deployments) {
      const deployment = `deployment/${this.nameOf(one)}`;
      await this.cluster.kubectl(['rollout', 'status', deployment, `--timeout=${timeoutMs}ms`], {
        timeoutMs,
      });
    }
  }

  /** Each app has pods on both nodes again. */
  async spread(): Promise<void> {
    const all = this.deployments.map((one) => `deployment/${this.nameOf(one)}`);
    await this.cluster.kubectl(['rollout', 'restart', ...all]);
    await this.untilAllReady();
    // Those that were replaced still leave.
    await delay(1_000);
  }
}

function odooUrl(address: string, database: string): string {
  return `postgres://odoo:odoo@${address}:5432/${database}`;
}

/** With what each is filled. */
function databases(): Map<string, (url: string) => Promise<void>> {
  const folder = odooFixture();
  const all = new Map([[steady, createSmallOdoo]]);
  if (folder !== undefined) all.set(recorded, (url) => restoreDump(`${folder}/database.sql.gz`, url));
  return all;
}

/** With the restricted Pod Security Standard in force: a pod that asks for more is refused. */
async function createNamespace(): Promise<void> {
  const labels = { 'pod-security.kubernetes.io/enforce': 'restricted' };
  const manifest = stringify({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace, labels } });
  await command('kubectl', ['apply', '--filename', '-'], { input: manifest });
}

/** The API server is asked at the address by which the nodes, too, reach this machine. */
async function hostOf(cluster: Cluster): Promise<string> {
  const address = await cluster.kubectl([
    'config',
    'view',
    '--minify',
    '--output',
    'jsonpath={.clusters[0].cluster.server}',
  ]);
  return new URL(address).hostname;
}

/** Sets such as `{ 'delivery.autoscaling.minReplicas': 1 }` come on top of the values that all tests have. */
async function upgrade(hostAddress: string, sets: Values = {}): Promise<void> {
  const args = ['upgrade', '--install', release, chart, '--namespace', namespace, '--wait', '--timeout=10m'];
  // The way back from an autoscaler: it has the number of replicas as its own, which Helm 4 respects unless told.
  if (/^v4/.test(await command('helm', ['version', '--short']))) args.push('--force-conflicts');
  const changed = Object.entries(sets).map(([path, value]) => `--set-json=${path}=${JSON.stringify(value)}`);
  await command('helm', [...args, '--values=-', ...changed], {
    input: stringify(baseValues(hostAddress)),
    timeoutMs: 660_000,
  });
}

export function image(which: 'first' | 'next' | 'late'): { repository: string; tag: string } {
  const names = JSON.parse(process.env['RELAY_KUBERNETES_IMAGES'] ?? '{}') as Record<string, string>;
  const [repository = '', tag = ''] = (names[which] ?? '').split(':');
  return { repository, tag };
}

function baseValues(hostAddress: string): Values {
  const inChart = { enabled: true, storage: '1Gi', nodeSelector: { 'kubernetes.io/hostname': serversNode } };
  const receivers = [{ to: [{ ipBlock: { cidr: `${hostAddress}/32` } }], ports: [receiverPorts] }];
  const settings = { ALLOWED_RECEIVERS: [`${hostAddress}/32`] };
  return {
    image: image('first'),
    kafka: { inChart },
    schemaRegistry: { inChart },
    postgres: { inChart },
    secrets: { generate: true },
    databases: [...databases().keys()].map((slug) => ({ slug, url: odooUrl('odoo-postgres', slug) })),
    delivery: { settings },
    control: { settings: { ...settings, API_REQUESTS_PER_MINUTE: 100_000 } },
    networkPolicy: {
      deliveryExtraEgress: receivers,
      controlExtraEgress: receivers,
      // This machine's requests, as the nodes pass them on to a pod of their own and to one of another node.
      controlFrom: [`${hostAddress}/32`, passingNode].map((cidr) => ({ ipBlock: { cidr } })),
    },
  };
}
