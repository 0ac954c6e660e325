import { randomBytes } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll } from '@jest/globals';
import {
  checkoutDirectory,
  createDatabase,
  dropDatabase,
  startContainerStack,
  startEmbeddedStack,
} from '#embedded';
import type { Stack, StackOptions } from '#embedded';
import { readCoordinates, type StackCoordinates } from './coordinates.js';
import { startTcpProxy, type TcpProxy } from './tcp-proxy.js';

export interface TestStack extends StackCoordinates {
  /** For KAFKA_TOPIC_PREFIX: no other test file has the same. */
  readonly topicPrefix: string;
  /** Makes a new, empty database and gives its URL; it is dropped after the test file. */
  freshDatabase(): Promise<string>;
  /**
   * A proxy in front of the shared broker. Clients that are given its address stay behind it, as the broker
   * tells them that it lives there. Closed after the test file.
   */
  kafkaProxy(): Promise<TcpProxy>;
}

/** To be called once at the top of a test file. */
export function testStack(): TestStack {
  const coordinates = readCoordinates();
  const unique = randomBytes(4).toString('hex');
  const cleanUps: (() => Promise<void>)[] = [];
  let databases = 0;
  afterAll(async () => {
    for (const cleanUp of cleanUps.reverse()) await cleanUp();
  });
  return {
    ...coordinates,
    topicPrefix: `t${unique}-`,
    freshDatabase: async () => {
      const name = `t${unique}_${++databases}`;
      const url = await createDatabase(coordinates.databaseUrl, name);
      cleanUps.push(() => dropDatabase(coordinates.databaseUrl, name));
      return url;
    },
    kafkaProxy: async () => {
      const proxy = await takeProxy(coordinates);
      cleanUps.push(() => proxy.close());
      return proxy;
    },
  };
}

/** The port is what is taken: whoever can listen on it has this way into the broker for himself. */
async function takeProxy({ proxiedListeners }: StackCoordinates): Promise<TcpProxy> {
  for (;;) {
    for (const { listenHost, listenPort, advertisedPort } of proxiedListeners) {
      try {
        return await startTcpProxy({ target: { host: listenHost, port: listenPort }, port: advertisedPort });
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error;
      }
    }
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

/**
 * A stack of a test's own, of the same kind as the shared one, for faults that others must not feel. The caller
 * stops it; its data goes then.
 */
export async function startPrivateStack(options: Omit<StackOptions, 'directory'> = {}): Promise<Stack> {
  const name = `test-private-${process.pid}-${randomBytes(2).toString('hex')}`;
  const directory = join(checkoutDirectory(), 'run', name);
  const start = readCoordinates().variant === 'containers' ? startContainerStack : startEmbeddedStack;
  const stack = await start({ throwaway: true, ...options, directory });
  return {
    ...stack,
    stop: async () => {
      await stack.stop();
      await rm(directory, { recursive: true, force: true });
    },
  };
}
