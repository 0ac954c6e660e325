import type { Client } from 'pg';
import { delay } from '#libs/process';

/** Between two transactions. */
const pauseMs = 40;

/** Commits a new text to one to three partners at a time, until it is told to pause, and remembers all of them. */
export class SteadyWriter {
  /** As `id text`, in the order of their commits. */
  readonly committed: string[] = [];
  private paused = new AbortController();
  private writing: Promise<void> = Promise.resolve();
  private turn = 0;

  constructor(
    private client: Client,
    private readonly partners: number,
  ) {}

  start(): void {
    this.paused = new AbortController();
    this.writing = this.writeOn(this.paused.signal);
  }

  async pause(): Promise<void> {
    this.paused.abort();
    await this.writing;
  }

  /** With another connection, perhaps to a database as it was before: what it has committed so far is forgotten. */
  goOnIn(client: Client): void {
    this.client = client;
    this.committed.length = 0;
  }

  private async writeOn(paused: AbortSignal): Promise<void> {
    while (!paused.aborted) {
      const text = `n${++this.turn}`;
      const ids = Array.from(
        { length: 1 + (this.turn % 3) },
        (_, index) => 1 + ((this.turn + index) % this.partners),
      );
      await this.client.query('update res_partner set comment = $2 where id = any($1)', [ids, text]);
      this.committed.push(...ids.map((id) => `${id} ${text}`));
      await delay(pauseMs, paused);
    }
  }
}
