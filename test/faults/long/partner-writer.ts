import type { Client } from 'pg';
import { delay } from '#libs/process';
import { connect } from '../../e2e/small-odoo.js';
import { eventually } from '../../harness/eventually.js';

/** Between two transactions of a writer, so that the fault decides how long the test takes and not the backlog. */
const shortPauseMs = 16;

/** Of each writer, to its first partner. */
export const lastText = 'the end';

/** What was committed to each partner, in order. */
export type Texts = Map<number, string[]>;

/**
 * Commits changes of partners that are its own, one to three in a transaction, and rolls every tenth transaction
 * back. It lives through a Postgres that goes away.
 */
export class PartnerWriter {
  readonly committed: Texts = new Map();
  private readonly stopped = new AbortController();
  private writing: Promise<void> = Promise.resolve();
  private turn = 0;

  private constructor(
    private readonly databaseUrl: string,
    private readonly partners: readonly number[],
    private readonly pauseMs: number,
    private client: Client,
  ) {}

  static async open(
    databaseUrl: string,
    partners: readonly number[],
    pauseMs = shortPauseMs,
  ): Promise<PartnerWriter> {
    return new PartnerWriter(databaseUrl, partners, pauseMs, await connect(databaseUrl));
  }

  /** Until `stop`. */
  start(): void {
    this.writing = this.writeOn();
  }

  /** With a last change, so that everybody can see when all are there. */
  async stop(): Promise<void> {
    this.stopped.abort();
    await this.writing;
    await this.commit(this.partners.slice(0, 1), lastText);
  }

  async close(): Promise<void> {
    this.stopped.abort();
    await this.writing.catch(() => undefined);
    await this.client.end().catch(() => undefined);
  }

  private async writeOn(): Promise<void> {
    while (!this.stopped.signal.aborted) {
      this.turn++;
      await (this.turn % 10 === 0 ? this.rollBack() : this.commit(this.nextPartners(), `n${this.turn}`));
      await delay(this.pauseMs, this.stopped.signal);
    }
  }

  private nextPartners(): number[] {
    const first = this.turn % (this.partners.length - 2);
    return this.partners.slice(first, first + 1 + (this.turn % 3));
  }

  private async rollBack(): Promise<void> {
    const ids = this.nextPartners().join(',');
    await this.client
      .query(`begin; update res_partner set comment = 'undone' where id in (${ids}); rollback`)
      .catch(() => undefined);
  }

  /** A commit whose answer was lost may have happened: the row tells. */
  private async commit(ids: readonly number[], text: string): Promise<void> {
    for (;;) {
      try {
        if ((await this.textOf(ids[0])) !== text) {
          await this.client.query('update res_partner set comment = $2 where id = any($1)', [ids, text]);
        }
        break;
      } catch {
        await this.client.end().catch(() => undefined);
        this.client = await eventually(() => connect(this.databaseUrl), { timeoutMs: 120_000 });
      }
    }
    for (const id of ids) {
      const texts = this.committed.get(id);
      if (texts === undefined) this.committed.set(id, [text]);
      else texts.push(text);
    }
  }

  private async textOf(id = 0): Promise<string | null | undefined> {
    const { rows } = await this.client.query<{ comment: string | null }>(
      'select comment from res_partner where id = $1',
      [id],
    );
    return rows[0]?.comment;
  }
}
