import { delay } from '#libs/process';

/** What the registry says of a schema before it is registered. */
export type SchemaVerdict =
  | { kind: 'known'; schemaId: number }
  | { kind: 'allowed'; compatibility: Compatibility }
  | { kind: 'refused'; reason: string };

/** The levels at which a new version can read what was written with those before it. */
export type Compatibility = 'BACKWARD' | 'BACKWARD_TRANSITIVE' | 'FULL' | 'FULL_TRANSITIVE';

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
 * Asked before a schema is registered, so that a refusal leaves nothing behind: the registry's client would set
 * the level (BACKWARD, where nobody has set a stricter one) and ask only by registering.
 * @throws Error when the registry does not say.
 */
export async function verdictOn(
  registryUrl: string,
  subject: string,
  schema: string,
): Promise<SchemaVerdict> {
  const name = encodeURIComponent(subject);
  const known = await request(`${registryUrl}/subjects/${name}`, 'POST', { schema });
  const { id } = fieldsOf(known);
  if (known.status === 200 && typeof id === 'number') {
    return { kind: 'known', schemaId: id };
  }
  const config = `${registryUrl}/config/${name}`;
  const { compatibilityLevel } = fieldsOf(await request(config, 'GET'));
  const level = /^(BACKWARD|FULL)/.test(String(compatibilityLevel))
    ? (compatibilityLevel as Compatibility)
    : undefined;
  if (level === undefined) {
    // Not where the subject does not exist yet: the client does it after the first version.
    await request(config, 'PUT', { compatibility: 'BACKWARD' });
  }
  const path = `/compatibility/subjects/${name}/versions/latest?verbose=true`;
  const check = await request(registryUrl + path, 'POST', { schema });
  const { is_compatible: isCompatible, messages } = fieldsOf(check);
  return check.status === 200 && isCompatible === false
    ? { kind: 'refused', reason: `it cannot read what is written already${listed(messages)}` }
    : { kind: 'allowed', compatibility: level ?? 'BACKWARD' };
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

function listed(messages: unknown): string {
  return Array.isArray(messages) && messages.length > 0 ? `: ${messages.join('; ')}` : '';
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
