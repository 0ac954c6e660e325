import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { RelayError } from '#libs/process';
import { lastLines, runCommand } from './command.js';
import { ManagedProcess } from './managed-process.js';
import { probeKafka } from './probes.js';

export interface KafkaOptions {
  readonly java: string;
  /** Kafka's jars. */
  readonly programDirectory: string;
  readonly directory: string;
  readonly logFile: string;
  readonly port: number;
  readonly controllerPort: number;
  readonly proxiedListeners: readonly ProxiedListener[];
  readonly security?: BrokerSecurity | undefined;
  readonly onUnexpectedExit?: ((sentence: string) => void) | undefined;
}

/**
 * A further way in, for a proxy of a test: clients that come through `advertisedPort` are told to stay there,
 * and the proxy passes them on to `listenPort`.
 */
export interface ProxiedListener {
  readonly listenHost: string;
  readonly listenPort: number;
  /** On 127.0.0.1, where the proxy of a test is. */
  readonly advertisedPort: number;
}

/** Ways in by TLS, for tests: what a cluster asks of its clients. The plain one stays as it is. */
export interface BrokerSecurity {
  readonly listeners: readonly SecuredListener[];
  /** More settings of the broker: certificates, mechanisms, who may do what. */
  readonly properties: Readonly<Record<string, string>>;
  /** For the format of a new data directory, where users of SCRAM come from. */
  readonly formatArguments?: readonly string[];
  readonly javaArguments?: readonly string[];
}

export interface SecuredListener {
  /** In capitals; its settings begin with `listener.name.` and the name in small letters. */
  readonly name: string;
  readonly protocol: 'SSL' | 'SASL_SSL';
  /** On 127.0.0.1. */
  readonly port: number;
}

const host = '127.0.0.1';
/** A broker of a few hundred partitions; more would only be collected later. */
const heap = ['-Xms256m', '-Xmx512m', '-XX:+UseParallelGC'];
/** For a tool that runs for half a second. */
const shortLived = ['-XX:TieredStopAtLevel=1', '-XX:+UseSerialGC'];

/** One KRaft node that is broker and controller; its data directory is formatted when it is new. */
export async function prepareKafka(options: KafkaOptions): Promise<ManagedProcess> {
  const { directory } = options;
  await mkdir(directory, { recursive: true });
  const properties = join(directory, 'server.properties');
  const logging = join(directory, 'log4j2.properties');
  await writeFile(properties, serverProperties(options));
  await writeFile(logging, loggingProperties);
  await formatWhenNew(options, properties);
  return new ManagedProcess({
    name: 'Kafka',
    command: options.java,
    args: [
      ...heap,
      ...(options.security?.javaArguments ?? []),
      `-Drelay.stack=${directory}`,
      `-Dlog4j2.configurationFile=${logging}`,
      ...classPath(options),
      'kafka.Kafka',
      properties,
    ],
    cwd: directory,
    logFile: options.logFile,
    probe: () => probeKafka(host, options.port),
    startTimeoutMs: 60_000,
    stopSignal: 'SIGTERM',
    stopTimeoutMs: 20_000,
    errorCode: 'KAFKA_UNAVAILABLE',
    onUnexpectedExit: options.onUnexpectedExit,
  });
}

function classPath(options: KafkaOptions): string[] {
  return ['-cp', join(options.programDirectory, '*')];
}

async function formatWhenNew(options: KafkaOptions, properties: string): Promise<void> {
  const dataDirectory = join(options.directory, 'data');
  if (existsSync(join(dataDirectory, 'bootstrap.checkpoint'))) return;
  // What an interrupted format has left: nothing was ever stored in it.
  await rm(dataDirectory, { recursive: true, force: true });
  const clusterId = await rememberedClusterId(join(options.directory, 'cluster-id'));
  const result = await runCommand(options.java, [
    ...shortLived,
    ...classPath(options),
    'kafka.tools.StorageTool',
    'format',
    '--cluster-id',
    clusterId,
    '--config',
    properties,
    ...(options.security?.formatArguments ?? []),
  ]);
  if (result.kind === 'notFound' || result.exitCode !== 0) {
    const why = result.kind === 'notFound' ? 'java was not found' : lastLines(result.output, 2);
    throw new RelayError('KAFKA_UNAVAILABLE', `Kafka could not prepare ${dataDirectory}: ${why}`);
  }
}

async function rememberedClusterId(file: string): Promise<string> {
  if (existsSync(file)) return (await readFile(file, 'utf8')).trim();
  const clusterId = randomBytes(16).toString('base64url').replace(/^-/, 'A');
  await writeFile(file, `${clusterId}\n`);
  return clusterId;
}

function serverProperties(options: KafkaOptions): string {
  const { port, controllerPort } = options;
  const more = furtherListeners(options);
  const listen = more.map(({ name, listenPort }) => `,${name}://${host}:${listenPort}`).join('');
  const advertise = more.map(({ name, advertisedPort }) => `,${name}://${host}:${advertisedPort}`).join('');
  const protocols = more.map(({ name, protocol }) => `,${name}:${protocol}`).join('');
  const properties: Record<string, string | number | boolean> = {
    'process.roles': 'broker,controller',
    'node.id': 1,
    listeners: `PLAINTEXT://${host}:${port},CONTROLLER://${host}:${controllerPort}${listen}`,
    'advertised.listeners': `PLAINTEXT://${host}:${port}${advertise}`,
    'listener.security.protocol.map': `PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT${protocols}`,
    'controller.listener.names': 'CONTROLLER',
    'controller.quorum.voters': `1@${host}:${controllerPort}`,
    'log.dirs': join(options.directory, 'data'),
    ...singleNodeSettings,
    // 128 MB by default, a quarter of the heap.
    'log.cleaner.dedupe.buffer.size': 16 * 1024 * 1024,
    'log.index.size.max.bytes': 1024 * 1024,
    'log.segment.bytes': 128 * 1024 * 1024,
    'num.network.threads': 2,
    'num.io.threads': 4,
    ...options.security?.properties,
  };
  return Object.entries(properties)
    .map(([name, value]) => `${name}=${String(value).replaceAll('\n', '\\n')}\n`)
    .join('');
}

interface FurtherListener {
  name: string;
  protocol: string;
  listenPort: number;
  advertisedPort: number;
}

function furtherListeners({ proxiedListeners, security }: KafkaOptions): FurtherListener[] {
  const proxied = proxiedListeners.map(({ listenPort, advertisedPort }, index) => ({
    name: `PROXIED${index}`,
    protocol: 'PLAINTEXT',
    listenPort,
    advertisedPort,
  }));
  const secured = (security?.listeners ?? []).map(({ name, protocol, port }) => ({
    name,
    protocol,
    listenPort: port,
    advertisedPort: port,
  }));
  return [...proxied, ...secured];
}

/** What any single node of ours needs, embedded or in a container. */
export const singleNodeSettings = {
  'auto.create.topics.enable': false,
  'offsets.topic.replication.factor': 1,
  'offsets.topic.num.partitions': 4,
  'transaction.state.log.replication.factor': 1,
  'transaction.state.log.min.isr': 1,
  'transaction.state.log.num.partitions': 4,
  'share.coordinator.state.topic.replication.factor': 1,
  'share.coordinator.state.topic.min.isr': 1,
  'group.initial.rebalance.delay.ms': 0,
  // After a crash the broker's own last life has to be over before it may come back; 9 s by default.
  'broker.session.timeout.ms': 3000,
  'broker.heartbeat.interval.ms': 500,
  // So that what a killed process has left open is over soon, where its settings ask for that.
  'group.min.session.timeout.ms': 1000,
  'transaction.abort.timed.out.transaction.cleanup.interval.ms': 1000,
} as const;

const loggingProperties = `rootLogger.level=INFO
rootLogger.appenderRef.stdout.ref=STDOUT
appender.stdout.type=Console
appender.stdout.name=STDOUT
appender.stdout.layout.type=PatternLayout
appender.stdout.layout.pattern=%d{ISO8601} %p %m (%c{1})%n
`;
