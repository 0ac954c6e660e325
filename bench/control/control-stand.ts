import { spawn, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { join } from 'node:path';
import { Client } from 'pg';
import { checkoutDirectory, startEmbeddedStack, type Stack } from '#embedded';
import { attemptRowSchema, deliveryTopics, deliveryTopicSpecs, type AttemptRow } from '#libs/delivery-task';
import { Kafka, SchemaRegistry } from '#libs/kafka';
import { silentLogger } from '#libs/telemetry';

const rowsPerRequest = 2_000;

/** Kafka, a registry, Postgres and control alone: delivery's records are written here. */
export class ControlStand {
  readonly adminKey = randomBytes(16).toString('hex');
  private readonly secretsKey = randomBytes(32).toString('base64');
  private app: ChildProcess | undefined;
  private url = '';

  private constructor(
    private readonly stack: Stack,
    private readonly databaseUrl: string,
    private readonly kafka: Kafka,
    readonly postgres: Client,
  ) {}

  static async start(say: (text: string) => void): Promise<ControlStand> {
    const directory = join(checkoutDirectory(), 'run', 'bench-control');
    const stack = await startEmbeddedStack({ directory, throwaway: true, progress: say });
    const databaseUrl = await stack.createDatabase('relay_control');
    const postgres = new Client({ connectionString: databaseUrl });
    await postgres.connect();
    const kafka = new Kafka({ brokers: stack.brokers, clientId: 'bench', logger: silentLogger });
    await kafka.ensureTopics(deliveryTopicSpecs);
    return new ControlStand(stack, databaseUrl, kafka, postgres);
  }

  async stop(): Promise<void> {
    await this.stopApp();
    await this.kafka.close();
    await this.postgres.end();
    await this.stack.stop();
  }

  /** Resolves when the app is ready. */
  async startApp(): Promise<void> {
    const main = join(checkoutDirectory(), 'dist', 'apps', 'control', 'src', 'main.js');
    const app = spawn(process.execPath, [main], {
      stdio: ['ignore', 'pipe', 'inherit'],
      env: {
        HTTP_PORT: '0',
        LOG_LEVEL: 'info',
        DATABASE_URL: this.databaseUrl,
        ADMIN_KEY: this.adminKey,
        SECRETS_KEY: this.secretsKey,
        DATABASES: 'acme,globex,initech',
        ALLOWED_RECEIVERS: '127.0.0.1',
        KAFKA_BROKERS: this.stack.brokers.join(','),
        SCHEMA_REGISTRY_URL: this.stack.schemaRegistryUrl,
      },
    });
    this.app = app;
    const ended = once(app, 'exit').then(() => {
      throw new Error('control ended');
    });
    ended.catch(() => undefined);
    const listening = new Promise<number>((resolve) => {
      app.stdout.on('data', (chunk: Buffer) => {
        // It writes a line for each request afterwards.
        const [, port] = /"port":(\d+),"msg":"listening"/.exec(chunk.toString()) ?? [];
        if (port !== undefined) {
          resolve(Number(port));
        }
      });
    });
    this.url = `http://127.0.0.1:${String(await Promise.race([listening, ended]))}`;
    while (!(await fetch(`${this.url}/health/ready`)).ok) {
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  async stopApp(): Promise<void> {
    const app = this.app;
    this.app = undefined;
    if (app?.exitCode === null) {
      const ended = once(app, 'exit');
      app.kill('SIGTERM');
      await ended;
    }
  }

  /** @throws when it is not answered with success */
  async request(method: string, path: string, body?: unknown): Promise<unknown> {
    const response = await fetch(this.url + path, {
      method,
      headers: { authorization: `Bearer ${this.adminKey}`, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    if (!response.ok) {
      throw new Error(`${method} ${path}: ${String(response.status)} ${text}`);
    }
    return JSON.parse(text);
  }

  /** Writes them to `relay.attempts`. */
  async writeAttempts(count: number, rowOf: (index: number) => AttemptRow): Promise<void> {
    const registry = new SchemaRegistry({ url: this.stack.schemaRegistryUrl, logger: silentLogger });
    const codec = await registry.register(deliveryTopics.attempts, 'value', attemptRowSchema);
    const publisher = await this.kafka.publisher({ maxQueuedBytes: 64 * 1024 * 1024 });
    for (let done = 0; done < count; done += rowsPerRequest) {
      const rows = Array.from({ length: Math.min(rowsPerRequest, count - done) }, (_, n) => rowOf(done + n));
      await publisher.publish(
        rows.map((row) => ({
          topic: deliveryTopics.attempts,
          key: row.subscription_id,
          value: codec.encode(row),
        })),
      );
    }
    await publisher.close();
  }

  /** How many rows of the topic are in the history. */
  async projected(): Promise<number> {
    const { rows } = await this.postgres.query<{ sum: string | null }>(
      'SELECT sum(next_offset) AS sum FROM relay_control.attempt_positions',
    );
    return Number(rows[0]?.sum ?? 0);
  }
}
