import { Client } from 'pg';
import type { Action } from './action.js';
import * as catalog from './catalog-actions.js';
import type { CommittedTransaction } from './recorded-change.js';
import { RecordedTransaction } from './recorded-transaction.js';
import * as sales from './sales-actions.js';
import * as stock from './stock-actions.js';

export interface ActivityOptions {
  databaseUrl: string;
  /** On average; Infinity for as fast as it goes. Default 20. */
  changesPerSecond?: number;
  /** Ends by itself after about so many changes. Default: goes on until stop(). */
  maxChanges?: number;
  /** Connections that work side by side. Default 3. */
  connections?: number;
  /** Called once for each committed transaction, as soon as COMMIT has returned. */
  onCommit: (transaction: CommittedTransaction) => void;
}

export interface Activity {
  /** Starts no further transaction; resolves when those under way have ended. */
  stop(): Promise<void>;
  /** Settles when it has ended; rejects when the database failed it. */
  ended: Promise<void>;
}

interface ScheduledAction {
  name: string;
  run: Action;
  /** How often it comes, relative to the others. */
  weight: number;
  /** Is rolled back at the end: nothing of it may ever be seen. */
  rolledBack?: true;
}

const actions: readonly ScheduledAction[] = [
  { name: 'product created', run: catalog.createProduct, weight: 4 },
  { name: 'price changed', run: catalog.changePrice, weight: 5 },
  { name: 'same price written', run: catalog.writeSamePrice, weight: 1 },
  { name: 'price change rolled back', run: catalog.changePrice, weight: 1, rolledBack: true },
  { name: 'product renamed in French', run: catalog.renameInFrench, weight: 2 },
  { name: 'contact created', run: catalog.createPartner, weight: 1 },
  { name: 'contact edited', run: catalog.editPartner, weight: 2 },
  { name: 'stock counted', run: stock.countStock, weight: 6 },
  { name: 'stock moved', run: stock.moveStock, weight: 4 },
  { name: 'quants merged', run: stock.mergeQuants, weight: 1 },
  { name: 'quotation created', run: sales.createQuotation, weight: 5 },
  { name: 'quotation confirmed', run: sales.confirmQuotation, weight: 4 },
  { name: 'quotation rolled back', run: sales.createQuotation, weight: 1, rolledBack: true },
  { name: 'quotation deleted', run: sales.deleteQuotation, weight: 1 },
  { name: 'order line edited', run: sales.editLineText, weight: 1 },
  { name: 'order delivered', run: sales.deliverOrder, weight: 4 },
  { name: 'order invoiced', run: sales.invoiceOrder, weight: 2 },
];

/** Serialization failure, deadlock, lock not available: Odoo tries such a transaction again, this drops it. */
const conflicts: ReadonlySet<unknown> = new Set(['40001', '40P01', '55P03']);

/** Works on a sample database like a small warehouse's staff, until stopped. */
export async function startActivity(options: ActivityOptions): Promise<Activity> {
  const pace = new Pace(options.changesPerSecond ?? 20, options.maxChanges ?? Infinity);
  const clients = await Promise.all(
    Array.from({ length: options.connections ?? 3 }, () => connect(options.databaseUrl)),
  );
  const work = clients.map((client) => workOn(client, pace, options.onCommit).finally(() => client.end()));
  const ended = Promise.all(work).then(() => undefined);
  // Whoever awaits it sees the failure; one connection's failure ends the others too.
  ended.catch(() => {
    pace.stop();
  });
  return {
    ended,
    stop: async () => {
      pace.stop();
      await Promise.allSettled(work);
    },
  };
}

async function connect(databaseUrl: string): Promise<Client> {
  const client = new Client({ connectionString: databaseUrl, application_name: 'odoo-sample' });
  // A lost connection fails the query under way, which is where it is dealt with.
  client.on('error', () => undefined);
  await client.connect();
  return client;
}

async function workOn(client: Client, pace: Pace, onCommit: ActivityOptions['onCommit']): Promise<void> {
  while (await pace.mayGoOn()) {
    const transaction = await runOne(client, chooseAction());
    if (transaction !== undefined) {
      pace.spend(transaction.changes.length);
      onCommit(transaction);
    }
  }
}

async function runOne(client: Client, action: ScheduledAction): Promise<CommittedTransaction | undefined> {
  const tx = await RecordedTransaction.begin(client);
  try {
    if ((await action.run(tx)) === 'done' && action.rolledBack !== true) {
      return await tx.commit(action.name);
    }
  } catch (error) {
    if (!conflicts.has((error as { code?: unknown }).code)) {
      throw error;
    }
  }
  await tx.rollback();
  return undefined;
}

const totalWeight = actions.reduce((sum, { weight }) => sum + weight, 0);

function chooseAction(): ScheduledAction {
  let left = Math.random() * totalWeight;
  const chosen = actions.find(({ weight }) => (left -= weight) < 0) ?? actions[0];
  if (chosen === undefined) {
    throw new Error('there are no actions');
  }
  return chosen;
}

/** Lets transactions start so that the changes they make come at the wanted rate. */
class Pace {
  private readonly stopped = new AbortController();
  private nextAtMs = performance.now();
  private spent = 0;

  constructor(
    private readonly changesPerSecond: number,
    private readonly maxChanges: number,
  ) {}

  stop(): void {
    this.stopped.abort();
  }

  spend(changes: number): void {
    this.spent += changes;
    this.nextAtMs += (changes / this.changesPerSecond) * 1000;
  }

  /** Resolves when the next transaction may start: true, or false when none may any more. */
  async mayGoOn(): Promise<boolean> {
    for (;;) {
      if (this.stopped.signal.aborted || this.spent >= this.maxChanges) {
        return false;
      }
      const now = performance.now();
      // What was missed (a slow database) is not caught up by a burst of more than a second.
      this.nextAtMs = Math.max(this.nextAtMs, now - 1000);
      if (this.nextAtMs <= now) {
        return true;
      }
      await sleep(Math.min(this.nextAtMs - now, 50));
    }
  }
}

function sleep(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
