import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { ManagedProcess } from './managed-process.js';
import { probeRegistry } from './probes.js';

export interface RegistryOptions {
  readonly java: string;
  readonly jar: string;
  readonly directory: string;
  readonly logFile: string;
  readonly port: number;
  readonly onUnexpectedExit?: ((sentence: string) => void) | undefined;
}

/** The part of Apicurio's address below which it speaks the protocol of Confluent's registry. */
export const registryPath = '/apis/ccompat/v7';

/**
 * Settings that make the in-memory registry keep its schemas: it stores them in H2, which can as well be a file.
 * A write is on the file before it is answered (WRITE_DELAY=0, by default 500 ms later), since a record with an
 * id that the registry has forgotten can never be read again.
 */
export function registrySettings(dataFile: string): Record<string, string> {
  return {
    REGISTRY_DATASOURCE_URL: `jdbc:h2:file:${dataFile};WRITE_DELAY=0`,
    REGISTRY_LOG_LEVEL: 'WARN',
    QUARKUS_DATASOURCE_JDBC_INITIAL_SIZE: '2',
    QUARKUS_DATASOURCE_JDBC_MIN_SIZE: '2',
    QUARKUS_DATASOURCE_JDBC_MAX_SIZE: '10',
  };
}

export async function prepareRegistry(options: RegistryOptions): Promise<ManagedProcess> {
  const { directory, port } = options;
  await mkdir(directory, { recursive: true });
  return new ManagedProcess({
    name: 'The schema registry',
    command: options.java,
    // It is busy only when it starts: the quick compiler and the small collector save a third of that.
    args: [
      '-Xmx256m',
      '-XX:TieredStopAtLevel=1',
      '-XX:+UseSerialGC',
      `-Drelay.stack=${directory}`,
      '-jar',
      options.jar,
    ],
    env: {
      ...registrySettings(join(directory, 'schemas')),
      HTTP_PORT: String(port),
      QUARKUS_HTTP_HOST: '127.0.0.1',
    },
    cwd: directory,
    logFile: options.logFile,
    probe: () => probeRegistry(`http://127.0.0.1:${port}${registryPath}`),
    startTimeoutMs: 60_000,
    stopSignal: 'SIGTERM',
    stopTimeoutMs: 10_000,
    errorCode: 'REGISTRY_UNAVAILABLE',
    onUnexpectedExit: options.onUnexpectedExit,
  });
}
