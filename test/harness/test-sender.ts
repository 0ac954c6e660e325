import { AllowList, guardedDispatcher, type Dispatcher, type GuardOptions } from '#libs/outbound';
import { Sender, type AttemptResult } from '../../apps/delivery/src/attempt.js';

/** The sender of delivery with its guarded dispatchers, and requests to make with it. */
export class TestSender {
  readonly sender: Sender;
  private readonly dispatchers: readonly Dispatcher[];

  constructor(options: Partial<GuardOptions> = {}) {
    const guard = { allowList: AllowList.parse(['127.0.0.0/8']), connectTimeoutMs: 5_000, ...options };
    const kept = guardedDispatcher({ keepAliveMs: 30_000, ...guard });
    const fresh = guardedDispatcher({ ...guard, keepAliveMs: 0 });
    this.dispatchers = [kept, fresh];
    this.sender = new Sender(kept, fresh);
  }

  /**
   * One attempt. It must end by itself, however long after its time is up on a busy machine, and what is kept of
   * the answer must be short.
   */
  async attempt(url: string, timeoutMs = 20_000, headers: string[] = []): Promise<AttemptResult> {
    const { origin, pathname, search } = new URL(url);
    const body = Buffer.from('the body');
    const sent = this.sender.send({ origin, path: pathname + search, headers, body, timeoutMs });
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => {
        reject(new Error(`The attempt at ${url} does not end.`));
      }, timeoutMs + 15_000);
    });
    const result = await Promise.race([sent, late]);
    clearTimeout(timer);
    checkResult(result);
    return result;
  }

  async close(): Promise<void> {
    await Promise.all(this.dispatchers.map((dispatcher) => dispatcher.destroy()));
  }
}

/** @throws where a result could do harm to who reads it. */
function checkResult({ error, response }: AttemptResult): void {
  if ((response ?? '').length > 20_480) throw new Error('More than 20 KB are kept.');
  if (/\d+\.\d+\.\d+\.\d+|::|[\p{C}]/u.test(error ?? ''))
    throw new Error(`An address in "${String(error)}".`);
}
