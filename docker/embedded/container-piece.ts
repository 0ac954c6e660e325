import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { join } from 'node:path';
import type { GenericContainer, StartedTestContainer } from 'testcontainers';
import { messageOf, RelayError, type RelayErrorCode } from '#libs/process';
import { dataFolders } from './container-images.js';
import type { Piece, PieceName } from './stack.js';
import type { Testcontainers } from './testcontainers.js';

type DockerContainer = ReturnType<
  Awaited<ReturnType<Testcontainers['getContainerRuntimeClient']>>['container']['getById']
>;

/** Tells the containers of one stack from all others. */
const label = 'odoo-relay.stack';
const startTimeoutMs = 120_000;
const pollMs = 100;

const errorCodes: Record<PieceName, RelayErrorCode> = {
  kafka: 'KAFKA_UNAVAILABLE',
  registry: 'REGISTRY_UNAVAILABLE',
  postgres: 'POSTGRES_UNAVAILABLE',
};

/** Removes containers whose own process was killed and which nobody has removed yet. */
export async function removeLeftovers(testcontainers: Testcontainers, directory: string): Promise<void> {
  const { container: client } = await testcontainers.getContainerRuntimeClient();
  const left = await client.dockerode.listContainers({
    all: true,
    filters: { label: [`${label}=${directory}`] },
  });
  for (const { Id } of left) await client.getById(Id).remove({ force: true, v: true });
}

export interface ContainerPieceOptions {
  readonly name: PieceName;
  readonly container: GenericContainer;
  /** Rejects until the server in it answers. */
  readonly probe: () => Promise<void>;
  readonly testcontainers: Testcontainers;
  readonly directory: string;
  /** Whether its data outlives the container, in a volume that belongs to the directory. */
  readonly isKept: boolean;
}

/** One server of the stack in a container. Its ports are fixed ones, so a restart does not move it. */
export class ContainerPiece implements Piece {
  private started: StartedTestContainer | undefined;

  constructor(private readonly options: ContainerPieceOptions) {}

  async create(): Promise<void> {
    const { name, container, directory, testcontainers } = this.options;
    const log = createWriteStream(join(directory, 'logs', `${name}.log`), { flags: 'a' });
    if (this.options.isKept) {
      const volume = `odoo-relay-${createHash('sha256').update(directory).digest('hex').slice(0, 12)}-${name}`;
      container.withBindMounts([{ source: volume, target: dataFolders[name] }]);
    }
    try {
      this.started = await container
        .withLabels({ [label]: directory })
        .withLogConsumer((stream) => stream.pipe(log))
        .withWaitStrategy(testcontainers.Wait.forLogMessage(/./))
        .withStartupTimeout(startTimeoutMs)
        .start();
    } catch (error) {
      throw new RelayError(errorCodes[name], `The container of ${name} did not start: ${messageOf(error)}`, {
        cause: error,
      });
    }
    await this.waitUntilUp();
  }

  async pid(): Promise<number | undefined> {
    if (this.started === undefined) return undefined;
    const { State } = await (await this.docker()).inspect();
    return State.Running ? State.Pid : undefined;
  }

  async start(): Promise<void> {
    if ((await this.pid()) !== undefined) return;
    await (await this.docker()).start();
    await this.waitUntilUp();
  }

  async stop(): Promise<void> {
    if ((await this.pid()) !== undefined) await (await this.docker()).stop({ t: 20 });
  }

  async kill(): Promise<void> {
    const container = await this.docker();
    if ((await this.pid()) === undefined) return;
    await container.kill({ signal: 'SIGKILL' });
    await container.wait({ condition: 'not-running' });
  }

  /** The end of the container; a kept volume stays. */
  async remove(): Promise<void> {
    if (this.options.isKept) await this.stop();
    await this.started?.stop({ remove: true, removeVolumes: true });
    this.started = undefined;
  }

  private async docker(): Promise<DockerContainer> {
    if (this.started === undefined)
      throw new RelayError('INTERNAL', `There is no container of ${this.options.name}.`);
    const { container } = await this.options.testcontainers.getContainerRuntimeClient();
    return container.getById(this.started.getId());
  }

  private async waitUntilUp(): Promise<void> {
    const { name, probe, directory } = this.options;
    const deadline = Date.now() + startTimeoutMs;
    for (;;) {
      try {
        await probe();
        return;
      } catch (error) {
        const isGone = (await this.pid()) === undefined;
        if (isGone || Date.now() > deadline) {
          const what = isGone ? 'ended at its start' : `does not answer: ${messageOf(error)}`;
          const where = join(directory, 'logs', `${name}.log`);
          throw new RelayError(errorCodes[name], `The container of ${name} ${what} (see ${where}).`, {
            cause: error,
          });
        }
      }
      await new Promise((resolve) => setTimeout(resolve, pollMs));
    }
  }
}
