import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

export interface ReceiverCount {
  received: number;
  /** Change id and the moment of receipt in milliseconds since 1970. */
  receipts: [string, number][];
}

/** The receiver process, started and asked. */
export class BenchReceiver {
  private constructor(
    private readonly child: ChildProcess,
    readonly url: string,
  ) {}

  static async start(): Promise<BenchReceiver> {
    const child = fork(fileURLToPath(new URL('./receiver-process.js', import.meta.url)));
    const [message] = (await once(child, 'message')) as [{ port: number }];
    return new BenchReceiver(child, `http://127.0.0.1:${String(message.port)}`);
  }

  /** What came since the start; with `keep`, receipts are recorded from now on. */
  async count(keepReceipts = false): Promise<ReceiverCount> {
    const response = await fetch(`${this.url}/count?receipts=${keepReceipts ? 'keep' : 'drop'}`);
    return (await response.json()) as ReceiverCount;
  }

  stop(): void {
    this.child.kill();
  }
}
