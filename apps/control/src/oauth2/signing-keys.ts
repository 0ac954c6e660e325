import { generateKeyPairSync, randomUUID } from 'node:crypto';
import type { JWK } from 'oidc-provider';
import type { DataSource, EntityManager } from 'typeorm';
import { decryptSecret, encryptSecret, type SecretsKey } from '#libs/subscription';
import { locks } from '../persistence/locks.js';

const dayMs = 86_400_000;
/** A new key is made so often. */
const renewedAfterMs = 60 * dayMs;
/** A key is published, so that what it signed can still be verified, for so long. */
const publishedMs = 2 * renewedAfterMs;
/** So long a new one is only published: every instance, and whoever caches the list, knows it by then. */
const readyAfterMs = 2 * dayMs;

interface KeyRow {
  id: string;
  jwk: string;
  created_at: Date;
}

/** The keys that ID tokens are signed with: they rotate by themselves, and are the same on every instance. */
export class SigningKeys {
  constructor(
    private readonly dataSource: DataSource,
    private readonly secretsKey: SecretsKey,
    private readonly nowMs: () => number = Date.now,
  ) {}

  /** The first signs. */
  async all(): Promise<JWK[]> {
    return this.dataSource.transaction(async (manager) => {
      await manager.query('SELECT pg_advisory_xact_lock($1)', [locks.oauth2Keys]);
      await manager.query('DELETE FROM relay_control.oauth2_keys WHERE created_at < $1', [
        this.before(publishedMs),
      ]);
      const known = await this.read(manager);
      const newest = known[0];
      if (newest === undefined || newest.created_at < this.before(renewedAfterMs)) {
        await this.add(manager);
      }
      const keys = await this.read(manager);
      const ready =
        keys.find(({ created_at: createdAt }) => createdAt <= this.before(readyAfterMs)) ?? keys.at(-1);
      return [...keys.filter((key) => key === ready), ...keys.filter((key) => key !== ready)].map(
        ({ jwk }) => JSON.parse(decryptSecret(this.secretsKey, jwk)) as JWK,
      );
    });
  }

  private async read(manager: EntityManager): Promise<KeyRow[]> {
    return manager.query(
      'SELECT id, jwk, created_at FROM relay_control.oauth2_keys ORDER BY created_at DESC, id',
    );
  }

  private async add(manager: EntityManager): Promise<void> {
    const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const id = randomUUID();
    const jwk = { ...privateKey.export({ format: 'jwk' }), kid: id, use: 'sig', alg: 'RS256' };
    await manager.query('INSERT INTO relay_control.oauth2_keys (id, jwk, created_at) VALUES ($1, $2, $3)', [
      id,
      encryptSecret(this.secretsKey, JSON.stringify(jwk)),
      new Date(this.nowMs()),
    ]);
  }

  private before(ms: number): Date {
    return new Date(this.nowMs() - ms);
  }
}
