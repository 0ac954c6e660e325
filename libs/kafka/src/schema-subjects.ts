import { delay } from '#libs/process';

/** What the registry says to a schema that is to be registered. */
export type Registration =
  | { kind: 'registered'; schemaId: number }
  | { kind: 'refused'; reason: string }
  | { kind: 'unavailable'; error: unknown };

const timeoutMs = 5_000;
const tries = 3;
const retryMs = 200;

interface Answer {
  status: number;
  body: unknown;
}

/** Thrown when there is no answer that says anything about the question. */
class NoAnswer extends Error {}

/**
 * Registers a schema in a subject whose new versions must be able to read the older ones (BACKWARD). That is asked
 * before the schema is registered, so that a refusal leaves nothing behind.
 */
export async function registerSchema(
  registryUrl: string,
  subject: string,
  schema: string,
): Promise<Registration> {
  const name = encodeURIComponent(subject);
  const ask = (method: string, path: string, body?: unknown): Promise<Answer> =>
    request(registryUrl + path, method, body);
  try {
    const known = await ask('POST', `/subjects/${name}`, { schema });
    if (known.status === 200) {
      return registered(known);
    }
    const isSet = await setBackward(ask, name);
    const check = await ask('POST', `/compatibility/subjects/${name}/versions/latest?verbose=true`, {
      schema,
    });
    const { is_compatible: isCompatible, messages } = fieldsOf(check);
    if (check.status === 200 && isCompatible === false) {
      return { kind: 'refused', reason: `it cannot read what is written already${listed(messages)}` };
    }
    const added = await ask('POST', `/subjects/${name}/versions`, { schema });
    if (added.status !== 200) {
      return { kind: 'refused', reason: textOf(fieldsOf(added)['message'], added.status) };
    }
    if (!isSet) {
      await setBackward(ask, name);
    }
    return registered(added);
  } catch (error) {
    return { kind: 'unavailable', error };
  }
}

/** The texts of all versions of a subject, oldest first. @throws Error when the registry does not say. */
export async function schemaVersions(registryUrl: string, subject: string): Promise<string[]> {
  const versions = `${registryUrl}/subjects/${encodeURIComponent(subject)}/versions`;
  const list = await request(versions, 'GET');
  if (list.status === 404) {
    return [];
  }
  const texts: string[] = [];
  for (const version of Array.isArray(list.body) ? (list.body as unknown[]) : []) {
    const { schema } = fieldsOf(await request(`${versions}/${String(version)}`, 'GET'));
    if (typeof schema === 'string') {
      texts.push(schema);
    }
  }
  return texts;
}

/** Resolves when it answers. @throws Error when it does not. */
export async function pingRegistry(registryUrl: string): Promise<void> {
  await request(`${registryUrl}/subjects`, 'GET');
}

/** False where the subject has to be there first. A stricter level that somebody has set stays. */
async function setBackward(
  ask: (method: string, path: string, body?: unknown) => Promise<Answer>,
  name: string,
): Promise<boolean> {
  const { compatibilityLevel } = fieldsOf(await ask('GET', `/config/${name}`));
  if (/BACKWARD|FULL/.test(String(compatibilityLevel))) {
    return true;
  }
  const { status } = await ask('PUT', `/config/${name}`, { compatibility: 'BACKWARD' });
  return status === 200;
}

function registered(answer: Answer): Registration {
  const { id } = fieldsOf(answer);
  return typeof id === 'number'
    ? { kind: 'registered', schemaId: id }
    : { kind: 'unavailable', error: new NoAnswer('it answers without an id') };
}

function listed(messages: unknown): string {
  return Array.isArray(messages) && messages.length > 0 ? `: ${messages.join('; ')}` : '';
}

function textOf(message: unknown, status: number): string {
  return typeof message === 'string' ? message : `status ${status}`;
}

function fieldsOf({ body }: Answer): Record<string, unknown> {
  return typeof body === 'object' && body !== null ? (body as Record<string, unknown>) : {};
}

async function request(url: string, method: string, body?: unknown): Promise<Answer> {
  for (let left = tries; ; left -= 1) {
    try {
      return await requestOnce(url, method, body);
    } catch (error) {
      if (left <= 1) {
        throw error;
      }
      await delay(retryMs);
    }
  }
}

async function requestOnce(url: string, method: string, body: unknown): Promise<Answer> {
  const response = await fetch(url, {
    method,
    signal: AbortSignal.timeout(timeoutMs),
    ...(body === undefined
      ? {}
      : {
          headers: { 'content-type': 'application/vnd.schemaregistry.v1+json' },
          body: JSON.stringify(body),
        }),
  });
  const answer = { status: response.status, body: await response.json() };
  const said404 = response.status === 404 && fieldsOf(answer)['error_code'] !== undefined;
  if (response.ok || response.status === 409 || response.status === 422 || said404) {
    return answer;
  }
  throw new NoAnswer(`it answers with status ${response.status}`);
}
