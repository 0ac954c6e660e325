import { createHash } from 'node:crypto';
import { mkdir, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { GenericContainer } from 'testcontainers';
import { claimDirectory, releaseDirectory } from './claim.js';
import { kafkaContainer, postgresContainer, registryContainer } from './container-images.js';
import { ContainerPiece, removeLeftovers } from './container-piece.js';
import { createDatabase, dropDatabase } from './databases.js';
import { checkExisting } from './existing.js';
import { takePorts, type Ports } from './ports.js';
import { postgresUrl } from './postgres.js';
import { probeKafka, probePostgres, probeRegistry } from './probes.js';
import { registryPath } from './registry.js';
import { pidsOf, wantedPieces, type PieceName, type Stack, type StackOptions } from './stack.js';
import { loadTestcontainers, type Testcontainers } from './testcontainers.js';

/** The same as the embedded stack, in containers of the public images. */
export async function startContainerStack(options: StackOptions): Promise<Stack> {
  const directory = resolve(options.directory);
  const { existing = {} } = options;
  await checkExisting(existing);
  const testcontainers = await loadTestcontainers();
  await claimDirectory(directory);
  const pieces: Partial<Record<PieceName, ContainerPiece>> = {};
  const stop = stopOnce(directory, pieces);
  try {
    await removeLeftovers(testcontainers, directory);
    if (options.throwaway === true) await rm(join(directory, 'logs'), { recursive: true, force: true });
    await mkdir(join(directory, 'logs'), { recursive: true });
    const host = await dockerHost(testcontainers);
    const ports = await takePorts(directory, options.proxiedListeners ?? 0, host);
    await startPieces(options, directory, { ports, host, testcontainers }, pieces);
    options.signal?.throwIfAborted();
    const databaseUrl = existing.databaseUrl ?? (pieces.postgres ? postgresUrl(ports.postgres, host) : '');
    const ownRegistryUrl = pieces.registry ? `http://${host}:${ports.registry}${registryPath}` : '';
    return {
      variant: 'containers',
      brokers: existing.brokers ?? (pieces.kafka ? [`${host}:${ports.kafka}`] : []),
      schemaRegistryUrl: existing.schemaRegistryUrl ?? ownRegistryUrl,
      databaseUrl,
      proxiedListeners: pieces.kafka ? ports.proxied : [],
      pieces,
      pids: () => pidsOf(pieces),
      createDatabase: (name) => createDatabase(databaseUrl, name),
      dropDatabase: (name) => dropDatabase(databaseUrl, name),
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

interface Place {
  readonly ports: Ports;
  readonly host: string;
  readonly testcontainers: Testcontainers;
}

async function startPieces(
  options: StackOptions,
  directory: string,
  { ports, host, testcontainers }: Place,
  pieces: Partial<Record<PieceName, ContainerPiece>>,
): Promise<void> {
  const progress = options.progress ?? (() => undefined);
  progress('Starting containers; images that are not here yet are pulled, about 1 GB at the first start.');
  const registryUrl = `http://${host}:${ports.registry}${registryPath}`;
  const makers: Record<PieceName, { container: GenericContainer; probe: () => Promise<void> }> = {
    kafka: {
      container: kafkaContainer(testcontainers, { ports, host, clusterId: clusterId(directory) }),
      probe: () => probeKafka(host, ports.kafka),
    },
    registry: {
      container: registryContainer(testcontainers, ports.registry),
      probe: () => probeRegistry(registryUrl),
    },
    postgres: {
      container: postgresContainer(testcontainers, ports.postgres, options.throwaway ?? false),
      probe: () => probePostgres(postgresUrl(ports.postgres, host)),
    },
  };
  const starts = [...wantedPieces(options)].map(async (name) => {
    const { container, probe } = makers[name];
    const piece = new ContainerPiece({
      name,
      container,
      probe,
      testcontainers,
      directory,
      isKept: !options.throwaway,
    });
    pieces[name] = piece;
    await piece.create();
  });
  for (const start of await Promise.allSettled(starts)) if (start.status === 'rejected') throw start.reason;
}

async function dockerHost({ getContainerRuntimeClient }: Testcontainers): Promise<string> {
  const { host } = (await getContainerRuntimeClient()).info.containerRuntime;
  // A broker and its clients must agree on what the name means, and some resolve this one to ::1.
  return host === 'localhost' ? '127.0.0.1' : host;
}

/** The same for every container of a directory, since its data remembers it: 16 bytes. */
function clusterId(directory: string): string {
  return `A${createHash('sha256').update(directory).digest('base64url').slice(0, 20)}A`;
}

function stopOnce(
  directory: string,
  pieces: Partial<Record<PieceName, ContainerPiece>>,
): () => Promise<void> {
  let stopped: Promise<void> | undefined;
  const stop = async (): Promise<void> => {
    await Promise.all(Object.values(pieces).map((piece) => piece.remove()));
    await releaseDirectory(directory);
  };
  return () => (stopped ??= stop());
}
