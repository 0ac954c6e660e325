import { generateKeyPairSync, sign } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

const lifeS = 300;
const keyId = 'of-the-test';

/** Gives tokens of OAuth 2 by client credentials, and the keys by which Kafka proves them. */
export class TokenServer {
  /** Of those that were given. */
  tokens = 0;
  private readonly keys = generateKeyPairSync('rsa', { modulusLength: 2048 });
  private readonly server: Server;

  private constructor(private readonly clients: Readonly<Record<string, string>>) {
    this.server = createServer((request, response) => {
      const answer = request.url === '/keys' ? this.keySet() : this.token(request.headers.authorization);
      response.writeHead(answer === undefined ? 401 : 200, { 'content-type': 'application/json' });
      response.end(JSON.stringify(answer ?? { error: 'invalid_client' }));
    });
  }

  /** `clients`: their secrets, by id. */
  static async start(clients: Readonly<Record<string, string>>): Promise<TokenServer> {
    const tokenServer = new TokenServer(clients);
    await new Promise<void>((resolve) => tokenServer.server.listen(0, '127.0.0.1', resolve));
    return tokenServer;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  close(): Promise<void> {
    this.server.closeAllConnections();
    return new Promise((resolve) => {
      this.server.close(() => {
        resolve();
      });
    });
  }

  private keySet(): unknown {
    const key = this.keys.publicKey.export({ format: 'jwk' });
    return { keys: [{ ...key, kid: keyId, use: 'sig', alg: 'RS256' }] };
  }

  private token(authorization = ''): unknown {
    const [client = '', secret] = Buffer.from(authorization.replace('Basic ', ''), 'base64')
      .toString()
      .split(':')
      .map(decodeURIComponent);
    if (secret === undefined || this.clients[client] !== secret) return undefined;
    this.tokens += 1;
    const nowS = Math.floor(Date.now() / 1000);
    const claims = { sub: client, iss: this.url, aud: 'kafka', scope: 'kafka', iat: nowS, exp: nowS + lifeS };
    const content = `${encoded({ alg: 'RS256', kid: keyId, typ: 'JWT' })}.${encoded(claims)}`;
    const signature = sign('RSA-SHA256', Buffer.from(content), this.keys.privateKey).toString('base64url');
    return { access_token: `${content}.${signature}`, token_type: 'Bearer', expires_in: lifeS };
  }
}

function encoded(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}
