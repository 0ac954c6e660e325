import { request } from 'node:http';
import { connect, type Socket } from 'node:net';
import { parseUrl, RelayError } from '#libs/process';

/** An HTTP proxy that connections to receivers are made through. */
export interface Proxy {
  host: string;
  port: number;
  /** The value of `Proxy-Authorization`. */
  authorization: string | undefined;
}

/** The proxy did not open a connection. */
export class ProxyFailed extends Error {
  override readonly name = 'ProxyFailed';
}

const maxAnswerHeaderBytes = 16_384;

/**
 * Reads OUTBOUND_PROXY; nothing is no proxy.
 * @throws RelayError CONFIG_INVALID saying what it must look like, without the password.
 */
export function parseProxy(text: string): Proxy | undefined {
  if (text === '') {
    return undefined;
  }
  const url = parseUrl(text);
  if (
    url?.protocol !== 'http:' ||
    url.hostname === '' ||
    url.pathname !== '/' ||
    url.search + url.hash !== '' ||
    !isDecodable(url.username + url.password)
  ) {
    throw new RelayError(
      'CONFIG_INVALID',
      'OUTBOUND_PROXY must be http://host:port or http://user:password@host:port and nothing more, a % in it written as %25: a proxy that is spoken to with TLS or SOCKS is not supported',
    );
  }
  const login = `${decodeURIComponent(url.username)}:${decodeURIComponent(url.password)}`;
  return {
    host: url.hostname.replace(/^\[|\]$/g, ''),
    port: url.port === '' ? 80 : Number(url.port),
    authorization: login === ':' ? undefined : `Basic ${Buffer.from(login).toString('base64')}`,
  };
}

function isDecodable(text: string): boolean {
  try {
    decodeURIComponent(text);
    return true;
  } catch {
    return false;
  }
}

/** A connection through the proxy to an IP address; the proxy is given no name that it could resolve. */
export function openTunnel(proxy: Proxy, address: string, port: number, timeoutMs: number): Promise<Socket> {
  const authority = `${address.includes(':') ? `[${address}]` : address}:${String(port)}`;
  return new Promise((resolve, reject) => {
    const asking = request({
      method: 'CONNECT',
      path: authority,
      setHost: false,
      headers: {
        host: authority,
        ...(proxy.authorization === undefined ? {} : { 'proxy-authorization': proxy.authorization }),
      },
      maxHeaderSize: maxAnswerHeaderBytes,
      // Without an agent, and with a connection of our own, no variable of the environment has a say.
      createConnection: () => connect({ host: proxy.host, port: proxy.port, noDelay: true }),
    });
    const late = setTimeout(() => {
      asking.destroy(new ProxyFailed('no connection through the proxy in time'));
    }, timeoutMs);
    asking.once('connect', ({ statusCode = 0 }, socket, head) => {
      clearTimeout(late);
      if (statusCode >= 200 && statusCode < 300 && head.length === 0) {
        resolve(socket);
      } else {
        socket.destroy();
        reject(new ProxyFailed(`the proxy does not connect (status ${String(statusCode)})`));
      }
    });
    asking.on('error', (error) => {
      clearTimeout(late);
      reject(error instanceof ProxyFailed ? error : new ProxyFailed('the proxy cannot be reached'));
    });
    asking.end();
  });
}
