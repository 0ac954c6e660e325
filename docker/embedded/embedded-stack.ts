import { mkdir, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { checkoutDirectory } from './checkout.js';
import { claimDirectory, releaseDirectory, stopLeftovers } from './claim.js';
import { createDatabase, dropDatabase } from './databases.js';
import { checkExisting } from './existing.js';
import { fetchJavaPrograms, findJava } from './java.js';
import { prepareKafka } from './kafka.js';
import type { ManagedProcess } from './managed-process.js';
import { takePorts, type Ports } from './ports.js';
import { preparePostgres, postgresUrl } from './postgres.js';
import { possiblePostgresDirectories } from './postgres-home.js';
import { sendSignal } from './process-list.js';
import { prepareRegistry, registryPath } from './registry.js';
import { pidsOf, wantedPieces, type Piece, type PieceName, type Stack, type StackOptions } from './stack.js';

/** Kafka, registry and Postgres as processes of this machine, each leading its own process group. */
export async function startEmbeddedStack(options: StackOptions): Promise<Stack> {
  const directory = resolve(options.directory);
  const progress = options.progress ?? (() => undefined);
  await checkExisting(options.existing ?? {});
  await claimDirectory(directory);
  const processes: Partial<Record<PieceName, ManagedProcess>> = {};
  const stop = stopOnce(directory, processes, options.throwaway ?? false);
  try {
    await stopLeftovers(directory, progress);
    if (options.throwaway === true) {
      await deleteData(directory);
      await rm(join(directory, 'logs'), { recursive: true, force: true });
    }
    await mkdir(join(directory, 'logs'), { recursive: true });
    const ports = await takePorts(directory, options.proxiedListeners ?? 0);
    const wanted = wantedPieces(options);
    // Whichever fails first, the others have to be seen through before they can be stopped.
    const starts = await Promise.allSettled([
      startJavaPieces(options, directory, ports, wanted, processes),
      wanted.has('postgres') ? startPostgres(options, directory, ports, processes) : undefined,
    ]);
    for (const start of starts) if (start.status === 'rejected') throw start.reason;
    return describe(options, ports, processes, stop);
  } catch (error) {
    await stop();
    throw error;
  }
}

type Processes = Partial<Record<PieceName, ManagedProcess>>;

function describe(
  options: StackOptions,
  ports: Ports,
  processes: Processes,
  stop: () => Promise<void>,
): Stack {
  const { existing, signal } = options;
  signal?.throwIfAborted();
  const pieces: Partial<Record<PieceName, Piece>> = {};
  for (const name of ['kafka', 'registry', 'postgres'] as const) {
    const piece = processes[name];
    if (piece !== undefined) pieces[name] = asPiece(piece);
  }
  const databaseUrl = existing?.databaseUrl ?? (pieces.postgres ? postgresUrl(ports.postgres) : '');
  const ownRegistryUrl = pieces.registry ? `http://127.0.0.1:${ports.registry}${registryPath}` : '';
  return {
    variant: 'embedded',
    brokers: existing?.brokers ?? (pieces.kafka ? [`127.0.0.1:${ports.kafka}`] : []),
    schemaRegistryUrl: existing?.schemaRegistryUrl ?? ownRegistryUrl,
    databaseUrl,
    proxiedListeners: pieces.kafka ? ports.proxied : [],
    pieces,
    pids: () => pidsOf(pieces),
    createDatabase: (name) => createDatabase(databaseUrl, name),
    dropDatabase: (name) => dropDatabase(databaseUrl, name),
    stop,
  };
}

function asPiece(managed: ManagedProcess): Piece {
  return {
    pid: () => Promise.resolve(managed.pid),
    start: () => managed.start(),
    stop: () => managed.stop(),
    kill: () => managed.kill(),
  };
}

async function startJavaPieces(
  options: StackOptions,
  directory: string,
  ports: Ports,
  wanted: ReadonlySet<PieceName>,
  processes: Processes,
): Promise<void> {
  if (!wanted.has('kafka') && !wanted.has('registry')) return;
  const java = await findJava();
  const cacheDirectory = join(checkoutDirectory(), 'run', 'cache');
  const programs = await fetchJavaPrograms(cacheDirectory, options.progress ?? (() => undefined));
  const startKafka = async (): Promise<void> => {
    processes.kafka = await prepareKafka({
      java,
      programDirectory: programs.kafkaDirectory,
      directory: join(directory, 'kafka'),
      logFile: join(directory, 'logs', 'kafka.log'),
      port: ports.kafka,
      controllerPort: ports.controller,
      proxiedListeners: ports.proxied,
      security: options.kafkaSecurity,
      onUnexpectedExit: options.onUnexpectedExit,
    });
    await processes.kafka.start(options.signal);
  };
  const startRegistry = async (): Promise<void> => {
    processes.registry = await prepareRegistry({
      java,
      jar: programs.registryJar,
      directory: join(directory, 'registry'),
      logFile: join(directory, 'logs', 'registry.log'),
      port: ports.registry,
      onUnexpectedExit: options.onUnexpectedExit,
    });
    await processes.registry.start(options.signal);
  };
  const starts = await Promise.allSettled([
    wanted.has('kafka') ? startKafka() : undefined,
    wanted.has('registry') ? startRegistry() : undefined,
  ]);
  for (const start of starts) if (start.status === 'rejected') throw start.reason;
}

async function startPostgres(
  options: StackOptions,
  directory: string,
  ports: Ports,
  processes: Processes,
): Promise<void> {
  processes.postgres = await preparePostgres({
    directory: join(directory, 'postgres'),
    logFile: join(directory, 'logs', 'postgres.log'),
    port: ports.postgres,
    throwaway: options.throwaway ?? false,
    progress: options.progress ?? (() => undefined),
    onUnexpectedExit: options.onUnexpectedExit,
  });
  await processes.postgres.start(options.signal);
}

/**
 * Stops everything once. Should this process end without that, the servers are at least asked to end; should it
 * be killed, the next start in this directory finds them.
 */
function stopOnce(directory: string, processes: Processes, throwaway: boolean): () => Promise<void> {
  const askToEnd = (): void => {
    for (const { pid, stopSignal } of Object.values(processes))
      if (pid !== undefined) sendSignal(pid, stopSignal);
  };
  process.once('exit', askToEnd);
  let stopped: Promise<void> | undefined;
  const stop = async (): Promise<void> => {
    await Promise.all(Object.values(processes).map((piece) => piece.stop()));
    process.off('exit', askToEnd);
    if (throwaway) await deleteData(directory);
    await releaseDirectory(directory);
  };
  return () => (stopped ??= stop());
}

async function deleteData(directory: string): Promise<void> {
  const homes = ['kafka', 'registry'].map((name) => join(directory, name));
  const all = [...homes, ...possiblePostgresDirectories(join(directory, 'postgres'))];
  await Promise.all(all.map((path) => rm(path, { recursive: true, force: true })));
}
