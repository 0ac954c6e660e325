import { parseUrl, RelayError } from '#libs/process';

/** Where people and applications reach this app: PUBLIC_URL, or this machine's own address where that is not set. */
export class PublicUrl {
  private constructor(
    private readonly configured: string | undefined,
    private port: number,
  ) {}

  /** @throws RelayError CONFIG_INVALID unless it is nothing, or scheme, host and port. */
  static of({ PUBLIC_URL: text, HTTP_PORT: port }: { PUBLIC_URL: string; HTTP_PORT: number }): PublicUrl {
    if (text === '') {
      return new PublicUrl(undefined, port);
    }
    const url = parseUrl(text);
    const right =
      url !== undefined &&
      /^https?:$/.test(url.protocol) &&
      [url.origin, `${url.origin}/`].includes(text.toLowerCase());
    if (!right) {
      throw new RelayError(
        'CONFIG_INVALID',
        'PUBLIC_URL must be https:// (or http://) and a host name, with a port if need be and nothing behind it',
      );
    }
    return new PublicUrl(url.origin, port);
  }

  /** The port that HTTP_PORT=0 led to. */
  listeningOn(port: number): void {
    this.port = port;
  }

  /** Without a slash at the end. */
  get origin(): string {
    return this.configured ?? `http://localhost:${String(this.port)}`;
  }

  /** Whether it is https, so that cookies must not be sent without. */
  get isSecure(): boolean {
    return this.origin.startsWith('https:');
  }

  /** Whether a browser that sends this `Origin` to this `Host` shows a page of ours. */
  isOwnOrigin(origin: string, host: string | undefined): boolean {
    return this.configured === undefined ? origin === `http://${host ?? ''}` : origin === this.configured;
  }
}
