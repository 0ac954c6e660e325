import type { Kafka } from '#libs/kafka';
import { delay } from '#libs/process';
import type { StartOptions } from './arguments.js';
import type { Ending } from './ending.js';
import type { SampleReceiver } from './receiver.js';
import { lagsOf } from './settle.js';
import { LiveSummary, type LiveFigures, type Screen } from './summary.js';
import type { Tally } from './tally.js';

const redrawMs = 1_000;
const lagEveryMs = 2_000;

/** Shows the live summary until the run ends or its time is over. */
export async function showUntilEnd(
  { options, ending, screen }: { options: StartOptions; ending: Ending; screen: Screen },
  { kafka, tally }: { kafka: Kafka; tally: Tally },
  receiver: SampleReceiver | undefined,
): Promise<void> {
  const summary = new LiveSummary(screen, receiver !== undefined);
  const lag = new LagWatch(kafka);
  const begunAtMs = performance.now();
  const endAtMs = begunAtMs + (options.forSeconds ?? Infinity) * 1000;
  while (!ending.signal.aborted && performance.now() < endAtMs) {
    summary.show({
      seconds: (performance.now() - begunAtMs) / 1000,
      ...tally.figures,
      rejected: receiver?.figures.rejected ?? 0,
      lag: lag.latest(),
      commitToReceiptMs: tally.clock.percentiles(),
    });
    await delay(Math.min(redrawMs, Math.max(0, endAtMs - performance.now())), ending.signal);
  }
}

/** Asks Kafka now and then, and never lets the summary wait for the answer. */
class LagWatch {
  private known: LiveFigures['lag'];
  private askedAtMs = -Infinity;
  private isAsking = false;

  constructor(private readonly kafka: Kafka) {}

  latest(): LiveFigures['lag'] {
    if (!this.isAsking && performance.now() - this.askedAtMs > lagEveryMs) {
      this.isAsking = true;
      this.askedAtMs = performance.now();
      void lagsOf(this.kafka)
        .then(
          (lags) => (this.known = { router: lags['relay-router'], delivery: lags['relay-delivery'] }),
          () => (this.known = undefined),
        )
        .finally(() => (this.isAsking = false));
    }
    return this.known;
  }
}
