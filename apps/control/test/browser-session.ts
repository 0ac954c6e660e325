/** A browser without scripts: keeps cookies, follows nothing by itself, and sends the forms it is shown. */
export class BrowserSession {
  readonly cookies = new Map<string, string>();
  /** Each `Set-Cookie` line it was given. */
  readonly cookieLines: string[] = [];

  constructor(readonly url: string) {}

  get(path: string, headers: Record<string, string> = {}): Promise<ShownPage> {
    return this.request(path, { method: 'GET', headers });
  }

  /** Sends the form of the page that has this action, with these fields filled in. */
  submit(page: ShownPage, action: string, fields: Record<string, string> = {}): Promise<ShownPage> {
    return this.post(action, { ...page.hiddenOf(action), ...fields });
  }

  post(
    path: string,
    fields: Record<string, string>,
    headers: Record<string, string> = { origin: this.url },
  ): Promise<ShownPage> {
    const body = new URLSearchParams(fields);
    return this.request(path, { method: 'POST', headers, body });
  }

  /** Another browser with the same cookies. */
  copy(): BrowserSession {
    const other = new BrowserSession(this.url);
    this.cookies.forEach((value, name) => other.cookies.set(name, value));
    return other;
  }

  private async request(path: string, init: RequestInit): Promise<ShownPage> {
    const cookie = [...this.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const headers = { ...(init.headers as Record<string, string>), ...(cookie === '' ? {} : { cookie }) };
    const response = await fetch(new URL(path, this.url), { ...init, headers, redirect: 'manual' });
    for (const line of response.headers.getSetCookie()) {
      this.cookieLines.push(line);
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
      if (line.includes('Max-Age=0')) {
        this.cookies.delete(name);
      } else {
        this.cookies.set(name, value);
      }
    }
    return new ShownPage(response, await response.text());
  }
}

export class ShownPage {
  readonly status: number;
  readonly headers: Headers;

  constructor(
    response: Response,
    readonly text: string,
  ) {
    this.status = response.status;
    this.headers = response.headers;
  }

  get location(): string | null {
    return this.headers.get('location');
  }

  get heading(): string {
    return (
      /<h1>(.*?)<\/h1>/s
        .exec(this.text)?.[1]
        ?.replaceAll(/<[^>]+>/g, '')
        .trim() ?? ''
    );
  }

  /** The hidden fields of the form with this action. */
  hiddenOf(action: string): Record<string, string> {
    const forms = [...this.text.matchAll(/<form[^>]*action="([^"]*)"[^>]*>(.*?)<\/form>/gs)];
    const form = forms.find(([, of]) => unescape(of ?? '') === action)?.[2];
    if (form === undefined) {
      throw new Error(`the page has no form ${action}: ${this.text}`);
    }
    const hidden = [...form.matchAll(/type="hidden"\s+name="([^"]*)"\s+value="([^"]*)"/g)];
    return Object.fromEntries(hidden.map(([, name = '', value = '']) => [name, unescape(value)]));
  }
}

function unescape(text: string): string {
  return text
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&quot;', '"')
    .replaceAll('&#39;', "'")
    .replaceAll('&amp;', '&');
}
