import type { GenericContainer } from 'testcontainers';
import { singleNodeSettings } from './kafka.js';
import type { Ports } from './ports.js';
import { postgresPassword, postgresUser } from './postgres.js';
import { registrySettings } from './registry.js';
import type { Testcontainers } from './testcontainers.js';

const images = {
  kafka: 'apache/kafka:4.2.0',
  registry: 'apicurio/apicurio-registry-mem:2.6.13.Final',
  postgres: 'postgres:18',
} as const;

/** Where each image keeps what has to outlive its container. */
export const dataFolders = {
  kafka: '/var/lib/kafka/data',
  registry: '/var/lib/registry',
  postgres: '/var/lib/postgresql',
} as const;

/** The images' own users may not write to a volume that is new. Postgres's sees to that itself. */
const volumeOwner = 'root';

const controllerPort = 9093;

export interface KafkaContainerOptions {
  readonly ports: Ports;
  readonly host: string;
  readonly clusterId: string;
}

/**
 * Inside, the broker listens on the same ports as outside: it also connects to itself by its advertised address,
 * to end transactions.
 */
export function kafkaContainer(
  { GenericContainer }: Testcontainers,
  { ports, host, clusterId }: KafkaContainerOptions,
): GenericContainer {
  const proxied = ports.proxied.map((listener, index) => ({ name: `PROXIED${index}`, ...listener }));
  const listen = proxied.map(({ name, listenPort }) => `,${name}://:${listenPort}`).join('');
  const advertise = proxied
    .map(({ name, advertisedPort }) => `,${name}://127.0.0.1:${advertisedPort}`)
    .join('');
  const protocols = proxied.map(({ name }) => `,${name}:PLAINTEXT`).join('');
  const settings = {
    ...singleNodeSettings,
    'node.id': 1,
    'process.roles': 'broker,controller',
    listeners: `PLAINTEXT://:${ports.kafka},CONTROLLER://:${controllerPort}${listen}`,
    'advertised.listeners': `PLAINTEXT://${host}:${ports.kafka}${advertise}`,
    'listener.security.protocol.map': `PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT${protocols}`,
    'controller.listener.names': 'CONTROLLER',
    'controller.quorum.voters': `1@localhost:${controllerPort}`,
    'log.dirs': `${dataFolders.kafka}/log`,
    'log.cleaner.dedupe.buffer.size': 16 * 1024 * 1024,
  };
  const published = [ports.kafka, ...proxied.map(({ listenPort }) => listenPort)];
  return new GenericContainer(images.kafka)
    .withUser(volumeOwner)
    .withExposedPorts(...published.map((port) => ({ container: port, host: port })))
    .withEnvironment({
      CLUSTER_ID: clusterId,
      KAFKA_HEAP_OPTS: '-Xms256m -Xmx512m',
      ...Object.fromEntries(
        Object.entries(settings).map(([name, value]) => [variableOf(name), String(value)]),
      ),
    });
}

/** The image's way to name a property in its environment. */
function variableOf(property: string): string {
  return `KAFKA_${property.toUpperCase().replaceAll('.', '_')}`;
}

export function registryContainer({ GenericContainer }: Testcontainers, port: number): GenericContainer {
  return new GenericContainer(images.registry)
    .withExposedPorts({ container: 8080, host: port })
    .withEnvironment(registrySettings(`${dataFolders.registry}/schemas`))
    .withUser(volumeOwner);
}

export function postgresContainer(
  { GenericContainer }: Testcontainers,
  port: number,
  throwaway: boolean,
): GenericContainer {
  const settings = ['timezone=UTC', ...(throwaway ? ['fsync=off', 'full_page_writes=off'] : [])];
  return new GenericContainer(images.postgres)
    .withExposedPorts({ container: 5432, host: port })
    .withEnvironment({
      POSTGRES_USER: postgresUser,
      POSTGRES_PASSWORD: postgresPassword,
      POSTGRES_DB: 'postgres',
      POSTGRES_INITDB_ARGS:
        '--encoding=UTF8 --locale=C --locale-provider=builtin --builtin-locale=C.UTF-8 --no-sync',
    })
    .withCommand(['postgres', ...settings.flatMap((setting) => ['-c', setting])]);
}
