import type { Request, Response } from 'express';
import type { PublicUrl } from '../http/public-url.js';

/**
 * `session` is of who has signed in (or is about to), `visit` of who has not and looks at a form, `external` of a
 * sign-in under way at the external provider.
 */
export type CookieName = 'session' | 'visit' | 'external';

/** Our cookies: out of reach of scripts and, where we are reached by https, of other hosts and of http. */
export class Cookies {
  constructor(private readonly publicUrl: PublicUrl) {}

  read(request: Request, name: CookieName): string | undefined {
    const wanted = `${this.fullName(name)}=`;
    const given = (request.headers.cookie ?? '')
      .split(';')
      .map((each) => each.trim())
      .find((each) => each.startsWith(wanted));
    return given?.slice(wanted.length);
  }

  /** For this long, or until the browser is closed. */
  set(response: Response, name: CookieName, value: string, maxAgeMs?: number): void {
    response.append('set-cookie', this.line(name, value, maxAgeMs));
  }

  clear(response: Response, name: CookieName): void {
    response.append('set-cookie', this.line(name, '', 0));
  }

  private line(name: CookieName, value: string, maxAgeMs: number | undefined): string {
    return [
      `${this.fullName(name)}=${value}`,
      'Path=/',
      'HttpOnly',
      'SameSite=Lax',
      ...(this.publicUrl.isSecure ? ['Secure'] : []),
      ...(maxAgeMs === undefined ? [] : [`Max-Age=${String(Math.round(maxAgeMs / 1_000))}`]),
    ].join('; ');
  }

  private fullName(name: CookieName): string {
    return `${this.publicUrl.isSecure ? '__Host-' : ''}relay-${name}`;
  }
}
