import { delay } from '#libs/process';

/** What the registry says about a schema id. */
export type LookedUp =
  | { kind: 'found'; schema: string; schemaType: string; hasReferences: boolean }
  | { kind: 'missing' }
  | { kind: 'unavailable'; error: unknown };

const timeoutMs = 3_000;
const tries = 3;
const retryMs = 200;
/** Confluent's code for "schema not found"; a plain 404 may as well come from a wrong address. */
const schemaNotFound = 40403;

/** Asked here rather than through the registry's client, which cannot tell "no such schema" from "no answer". */
export async function lookUpSchema(registryUrl: string, schemaId: number): Promise<LookedUp> {
  for (let left = tries; ; left--) {
    const answer = await askOnce(`${registryUrl}/schemas/ids/${schemaId}`);
    if (answer.kind !== 'unavailable' || left <= 1) {
      return answer;
    }
    await delay(retryMs);
  }
}

async function askOnce(url: string): Promise<LookedUp> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(timeoutMs) });
    const body = (await response.json()) as Record<string, unknown>;
    if (response.ok && typeof body['schema'] === 'string') {
      const { schema, schemaType, references } = body;
      return {
        kind: 'found',
        schema,
        schemaType: typeof schemaType === 'string' ? schemaType : 'AVRO',
        hasReferences: Array.isArray(references) && references.length > 0,
      };
    }
    return response.status === 404 && body['error_code'] === schemaNotFound
      ? { kind: 'missing' }
      : { kind: 'unavailable', error: new Error(`it answers with status ${response.status}`) };
  } catch (error) {
    return { kind: 'unavailable', error };
  }
}
