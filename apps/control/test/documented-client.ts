import { ApiProblem, createClient, entries } from '#libs/client';

/** Lets all subscriptions of a database send to another host. Gives the ids of those that others changed meanwhile. */
export async function moveSubscriptions(
  api: { url: string; token: string },
  database: string,
  host: string,
): Promise<string[]> {
  const client = createClient(api);
  const skipped: string[] = [];
  // Every page, one after the other.
  for await (const { id } of entries((page) =>
    client.GET('/v1/subscriptions', { params: { query: { database, ...page } } }),
  )) {
    const path = { id };
    const { data, response } = await client.GET('/v1/subscriptions/{id}', { params: { path } });
    const url = new URL(data?.url ?? '');
    url.host = host;
    // Of the version that was read, and of no other.
    const header = { 'If-Match': response.headers.get('etag') ?? '' };
    try {
      const params = { path, header };
      await client.PATCH('/v1/subscriptions/{id}', { params, body: { url: url.href } });
    } catch (error) {
      if (!(error instanceof ApiProblem) || error.problem.code !== 'precondition_failed') {
        throw error;
      }
      skipped.push(id);
    }
  }
  return skipped;
}
