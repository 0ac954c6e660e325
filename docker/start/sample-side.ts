import { join } from 'node:path';
import { startActivity, type Activity } from '#sample';
import type { StartOptions } from './arguments.js';
import { ControlClient } from './control-client.js';
import { runDirectory, type RunningEnvironment } from './environment.js';
import { SampleReceiver, type ReceivedDelivery } from './receiver.js';
import { rememberedReceiverPort, subscribeSamples, type SampleSubscription } from './sample-subscriptions.js';
import type { Tally } from './tally.js';

const sampleFile = join(runDirectory, 'sample.json');

/** The subscribers' side, at the port of the last start where that is free. */
export async function openReceiver(
  { forSeconds }: StartOptions,
  onDelivered: (delivery: ReceivedDelivery) => void,
): Promise<SampleReceiver> {
  const options = { onDelivered, maxRemembered: forSeconds === undefined ? 50_000 : Infinity };
  const port = await rememberedReceiverPort(sampleFile);
  return SampleReceiver.start({ ...options, port }).catch(() =>
    SampleReceiver.start({ ...options, port: 0 }),
  );
}

/** Makes the receiver's endpoints known to control, and their secrets to the receiver. */
export async function subscribe(
  environment: RunningEnvironment,
  controlUrl: string,
  receiver: SampleReceiver,
): Promise<readonly SampleSubscription[]> {
  const control = new ControlClient(controlUrl, environment.secrets.adminKey);
  const subscriptions = await subscribeSamples(control, sampleFile, receiver, environment.database);
  for (const subscription of subscriptions) {
    receiver.addEndpoint(subscription);
  }
  return subscriptions;
}

export function beginActivity(environment: RunningEnvironment, tally: Tally): Promise<Activity> {
  return startActivity({
    databaseUrl: environment.odooDatabaseUrl,
    onCommit: (transaction) => {
      tally.committed(transaction);
    },
  });
}
