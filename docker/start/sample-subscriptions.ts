import { delay } from '#libs/process';
import type { ControlClient, ShownSubscription } from './control-client.js';
import { readJson, writePrivateJson } from './run-files.js';
import type { ReceiverEndpoint } from './receiver.js';

export interface SampleSubscription extends ReceiverEndpoint {
  id: string;
  eventType: string;
  format: 'json' | 'xml';
}

const wanted = [
  { eventType: 'product.created', format: 'json', path: '/products' },
  { eventType: 'stock.quantity_changed', format: 'xml', path: '/stock' },
  { eventType: 'sale.order.confirmed', format: 'json', path: '/orders', failsEvery: 3 },
] as const;

/** Short delays, so that a run of a minute sees its retries through. */
const sampleSettings = { retryDelaysMs: [1_000, 2_000, 4_000, 8_000, 15_000] };

/** How long router and delivery may take to read a subscription that control has handed over. */
const readingMs = 2_000;

/** Secrets are shown once, so they are kept with the ids: run/sample.json. */
interface SampleFile {
  database: string;
  port: number;
  subscriptions: { id: string; eventType: string; secret: string }[];
}

/** The receiver's port of the last start, so that what was left undelivered finds it again; 0 the first time. */
export async function rememberedReceiverPort(file: string): Promise<number> {
  return (await readJson<SampleFile>(file))?.port ?? 0;
}

/** Finds the three sample subscriptions of an earlier start again, or makes what is missing of them. */
export async function subscribeSamples(
  control: ControlClient,
  file: string,
  receiver: { port: number; urlOf(path: string): string },
  database: string,
): Promise<SampleSubscription[]> {
  const known = await readJson<SampleFile>(file);
  const remembered = known?.database === database ? known.subscriptions : [];
  await control.replaceSettings(database, sampleSettings);
  await removeStrangers(control, database, new Set(remembered.map(({ id }) => id)));
  const subscriptions: SampleSubscription[] = [];
  let isNew = false;
  for (const sample of wanted) {
    const url = receiver.urlOf(sample.path);
    const earlier = remembered.find(({ eventType }) => eventType === sample.eventType);
    const found = earlier === undefined ? undefined : await findAgain(control, earlier.id, url);
    if (earlier !== undefined && found !== undefined) {
      subscriptions.push({ ...sample, id: earlier.id, secret: earlier.secret });
      isNew ||= found === 'changed';
      continue;
    }
    const { eventType, format } = sample;
    const created = await control.create({ database, eventTypes: [eventType], format, url });
    subscriptions.push({ ...sample, id: created.id, secret: created.secret });
    isNew = true;
  }
  const remember = subscriptions.map(({ id, eventType, secret }) => ({ id, eventType, secret }));
  await writePrivateJson(file, {
    database,
    port: receiver.port,
    subscriptions: remember,
  } satisfies SampleFile);
  if (isNew) {
    await delay(readingMs);
  }
  return subscriptions;
}

async function findAgain(
  control: ControlClient,
  id: string,
  url: string,
): Promise<'same' | 'changed' | undefined> {
  let found: ShownSubscription | undefined = await control.find(id);
  if (found === undefined) {
    return undefined;
  }
  const before = found;
  if (found.url !== url) {
    found = await control.change(id, { url });
  }
  if (found.state === 'disabled') {
    found = await control.enable(id);
  }
  return found === before ? 'same' : 'changed';
}

/** Samples whose secrets are lost, e.g. because run/sample.json was deleted: nobody could check their deliveries. */
async function removeStrangers(
  control: ControlClient,
  database: string,
  known: ReadonlySet<string>,
): Promise<void> {
  for (const { id, url } of await control.ofDatabase(database)) {
    const { hostname, pathname } = new URL(url);
    const isSample = hostname === '127.0.0.1' && wanted.some(({ path }) => path === pathname);
    if (isSample && !known.has(id)) {
      await control.remove(id);
    }
  }
}
