import type { DataSource } from 'typeorm';
import { hashOf } from '../access/secret-token.js';

/** When something was used is written no more often: enough for people, and hardly a write per request. */
const notedAfter = "interval '1 minute'";

/** Whether tokens of a grant of OAuth 2 are good; that it was used is noted. One that was issued while the grant was revoked is not. */
export async function isGrantInUse(dataSource: DataSource, grantId: string): Promise<boolean> {
  const rows = await dataSource.query<unknown[]>(
    `WITH noted AS (
       UPDATE relay_control.oauth2_items SET last_used_at = now()
       WHERE kind = 'Grant' AND id_hash = $1 AND (last_used_at IS NULL OR last_used_at < now() - ${notedAfter})
     )
     SELECT FROM relay_control.oauth2_items
     WHERE kind = 'Grant' AND id_hash = $1 AND (ends_at IS NULL OR ends_at > now())`,
    [hashOf(grantId)],
  );
  return rows.length === 1;
}

export async function noteTokenUse(dataSource: DataSource, token: string): Promise<void> {
  await dataSource.query(
    `UPDATE relay_control.oauth1_tokens SET last_used_at = now()
     WHERE id = $1 AND (last_used_at IS NULL OR last_used_at < now() - ${notedAfter})`,
    [token],
  );
}
