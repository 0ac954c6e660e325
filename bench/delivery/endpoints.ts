import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { EndpointCount } from './endpoint-process.js';

/** The endpoints' process, started and asked. */
export class Endpoints {
  private constructor(
    private readonly child: ChildProcess,
    readonly url: string,
  ) {}

  static async start(): Promise<Endpoints> {
    const child = fork(fileURLToPath(new URL('./endpoint-process.js', import.meta.url)));
    const [message] = (await once(child, 'message')) as [{ port: number }];
    return new Endpoints(child, `http://127.0.0.1:${String(message.port)}`);
  }

  async count(): Promise<EndpointCount> {
    return (await (await fetch(`${this.url}/count`)).json()) as EndpointCount;
  }

  /** A sick path answers from now on, also those who wait. */
  async heal(path: string): Promise<void> {
    await fetch(`${this.url}/heal?path=${encodeURIComponent(path)}`);
  }

  stop(): void {
    this.child.kill();
  }
}
