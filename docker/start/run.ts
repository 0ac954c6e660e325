import { Kafka, SchemaRegistry } from '#libs/kafka';
import { delay } from '#libs/process';
import { silentLogger } from '#libs/telemetry';
import type { AppName } from './app-process.js';
import type { StartOptions } from './arguments.js';
import { concludeSample, concludeWithoutSample, type Conclusion } from './conclusion.js';
import type { Ending } from './ending.js';
import { startEnvironment, writeStackFile, type RunningEnvironment, type Started } from './environment.js';
import { showUntilEnd } from './live.js';
import { currentTransactionId } from './odoo-database.js';
import { PipelineWatch } from './pipeline-watch.js';
import type { ReceivedDelivery } from './receiver.js';
import { beginActivity, openReceiver, subscribe } from './sample-side.js';
import { addressLines, type Screen } from './summary.js';
import { Tally } from './tally.js';
import { addressesOf, subscribeYourself, welcome } from './texts.js';

export interface RunContext {
  options: StartOptions;
  ending: Ending;
  started: Started;
  screen: Screen;
  /** To be called last thing first, before apps and servers are stopped. */
  cleanUps: (() => Promise<void>)[];
  /** All is started; what ends now has run. */
  isUp: boolean;
}

const nothingToSay: Conclusion = { exitCode: 0, report: [], lastLine: undefined };
const firstWebhookPatienceMs = 10_000;

/** One run from start to end: everything up, the live summary, and with `--for` the ledger. */
export async function run(context: RunContext): Promise<Conclusion> {
  const { options, ending, started } = context;
  const say = (line: string): void => {
    context.screen.write(`${line}\n`);
  };
  say(welcome(options));
  const tally = new Tally(options.sample && options.forSeconds !== undefined);
  const arrivals = new Arrivals(tally);
  const receiver = options.sample ? await openReceiver(options, arrivals.onDelivered) : undefined;
  if (receiver !== undefined) {
    started.receiver = receiver;
  }
  const environment = await startEnvironment(options, started, ending, say);
  const ready = (name: AppName): Promise<string> => environment.apps.readyOne(name, ending.signal);
  const control = ready('control');
  // Each waits only for what it needs: on a small machine the apps take most of the start.
  const [controlUrl, subscriptions, kafka] = await ending.orEnd(
    Promise.all([
      control,
      control.then((url) => (receiver ? subscribe(environment, url, receiver) : [])),
      Promise.all([ready('ingest'), ready('router')]).then(() => watchPipeline(context, environment, tally)),
      ready('delivery'),
    ]),
  );
  await writeStackFile(environment, controlUrl);
  context.isUp = true;
  tally.begin(await ending.orEnd(currentTransactionId(environment.odooDatabaseUrl)));
  const addresses = addressLines(addressesOf(environment, controlUrl, receiver));
  const running = ['', 'Running. Ctrl-C stops everything.', ...addresses, ''].join('\n');
  if (receiver === undefined) {
    say(`${running}\n${subscribeYourself(controlUrl, environment.database)}`);
    await showUntilEnd(context, { kafka, tally }, undefined);
    return options.forSeconds === undefined ? nothingToSay : concludeWithoutSample(tally);
  }
  const activity = await ending.orEnd(beginActivity(environment, tally));
  context.cleanUps.push(() => activity.stop());
  ending.watch(activity.ended);
  say(running);
  const firstAtMs = await arrivals.first(ending.signal);
  if (firstAtMs !== undefined) {
    say(`The first webhook was delivered ${(firstAtMs / 1000).toFixed(1)} s after the start.\n`);
  }
  await showUntilEnd(context, { kafka, tally }, receiver);
  if (options.forSeconds === undefined) {
    return nothingToSay;
  }
  if (ending.reason !== undefined) {
    return { exitCode: 130, report: ['Interrupted: the ledger was not checked.'], lastLine: undefined };
  }
  await activity.stop();
  return concludeSample({ kafka, tally, receiver, subscriptions, options, signal: ending.signal, say });
}

/** What the receiver reports as delivered. */
class Arrivals {
  /** performance.now(), which counts from the start of the process. */
  private firstAtMs: number | undefined;

  constructor(private readonly tally: Tally) {}

  readonly onDelivered = (delivery: ReceivedDelivery): void => {
    this.firstAtMs ??= performance.now();
    // What needed a retry would tell the delay of the retry, not the speed of the way.
    if (delivery.requests === 1 && delivery.acceptedAtMonotonicMs !== undefined) {
      this.tally.clock.received(delivery.changeId, delivery.acceptedAtMonotonicMs);
    }
  };

  /** Waits for it a while; undefined when none came. */
  async first(signal: AbortSignal): Promise<number | undefined> {
    const deadline = performance.now() + firstWebhookPatienceMs;
    while (this.firstAtMs === undefined && performance.now() < deadline && !signal.aborted) {
      await delay(20, signal);
    }
    return this.firstAtMs;
  }
}

async function watchPipeline(
  { options, ending, cleanUps }: RunContext,
  { stack, database }: RunningEnvironment,
  tally: Tally,
): Promise<Kafka> {
  const { topicPrefix } = options;
  const logger = silentLogger;
  const kafka = new Kafka({ brokers: stack.brokers, clientId: 'relay-start', topicPrefix, logger });
  const registry = new SchemaRegistry({ url: stack.schemaRegistryUrl, topicPrefix, logger });
  cleanUps.push(() => kafka.close());
  const watch = await PipelineWatch.start({
    kafka,
    registry,
    database,
    events: tally,
    onCrash: (error) => {
      ending.fail(error);
    },
  });
  cleanUps.push(() => watch.close());
  return kafka;
}
