import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { Provider } from 'oidc-provider';

/** What the provider says of a person. */
export interface Person {
  email?: string;
  email_verified?: boolean;
}

/** A real provider of OpenID Connect, whose own sign-in is left out: it knows who sits before it. */
export interface ExternalProvider {
  issuer: string;
  clientId: string;
  clientSecret: string;
  people: Map<string, Person>;
  /** Codes, their verifiers and tokens that went between it and us. */
  exchanged: string[];
  /** Follows its redirects with cookies of its own, as a browser would, up to the way back to us. */
  authorize(url: string, subject: string): Promise<URL>;
  close(): Promise<void>;
}

const clientId = 'relay';
const clientSecret = 'external-client-secret-0d9b';

/** Sends the browser back to this address of ours and to no other. */
export async function startExternalProvider(redirectUri: string): Promise<ExternalProvider> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const issuer = `http://127.0.0.1:${String((server.address() as { port: number }).port)}`;
  const people = new Map<string, Person>();
  const provider = new Provider(issuer, {
    clients: [{ client_id: clientId, client_secret: clientSecret, redirect_uris: [redirectUri] }],
    claims: { openid: ['sub'], email: ['email', 'email_verified'] },
    pkce: { required: () => true },
    features: { devInteractions: { enabled: false } },
    interactions: { url: (_context, { uid }) => `/interaction/${uid}` },
    findAccount: (_context, id) => ({
      accountId: id,
      claims: () => ({ sub: id, ...people.get(id) }),
    }),
    ttl: {
      AccessToken: 600,
      AuthorizationCode: 60,
      Grant: 600,
      IdToken: 600,
      Interaction: 600,
      Session: 600,
    },
    cookies: { keys: ['a key of this test'] },
  });
  const exchanged: string[] = [];
  provider.on('grant.success', ({ oidc, body }) => {
    const { code, code_verifier: verifier } = oidc.params ?? {};
    const { access_token: access, id_token: id } = body as Record<string, unknown>;
    exchanged.push(...[code, verifier, access, id].map(String));
  });
  const answer = provider.callback();
  let subject = '';
  server.on('request', (request, response) => {
    if (request.url?.startsWith('/interaction/') !== true) {
      void answer(request, response);
      return;
    }
    void interact(provider, subject, { request, response });
  });
  return {
    issuer,
    clientId,
    clientSecret,
    people,
    exchanged,
    close: () => close(server),
    authorize: (url, by) => {
      subject = by;
      return follow(url, issuer);
    },
  };
}

interface Exchange {
  request: IncomingMessage;
  response: ServerResponse;
}

/** Signs in and consents; somebody called "denies" does not. */
async function interact(provider: Provider, subject: string, { request, response }: Exchange): Promise<void> {
  const { prompt, params } = await provider.interactionDetails(request, response);
  if (subject === 'denies') {
    await provider.interactionFinished(request, response, { error: 'access_denied' });
  } else if (prompt.name === 'login') {
    await provider.interactionFinished(request, response, { login: { accountId: subject } });
  } else {
    const grant = new provider.Grant({ accountId: subject, clientId: String(params['client_id']) });
    grant.addOIDCScope('openid email');
    await provider.interactionFinished(request, response, { consent: { grantId: await grant.save() } });
  }
}

async function follow(from: string, issuer: string): Promise<URL> {
  const cookies = new Map<string, string>();
  let url = new URL(from);
  for (let steps = 0; steps < 10 && url.origin === issuer; steps += 1) {
    const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const response = await fetch(url, { redirect: 'manual', headers: { cookie } });
    for (const line of response.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
      cookies.set(name, value);
    }
    const location = response.headers.get('location');
    if (location === null) {
      throw new Error(`the provider answered ${String(response.status)}: ${await response.text()}`);
    }
    url = new URL(location, url);
  }
  return url;
}

function close(server: Server): Promise<void> {
  server.closeAllConnections();
  return new Promise((resolve) => {
    server.close(() => {
      resolve();
    });
  });
}
