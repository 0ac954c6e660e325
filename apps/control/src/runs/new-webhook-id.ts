import { createHash } from 'node:crypto';

/** The same for ever for one delivery and one run, so that a run that goes on after a crash repeats none. */
export function newWebhookId(webhookId: string, runId: string): string {
  const hash = createHash('sha256').update(`${webhookId}:${runId}`).digest('base64url');
  return `msg_${hash.slice(0, 27)}`;
}
