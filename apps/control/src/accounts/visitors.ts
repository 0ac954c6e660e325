import type { Request, RequestHandler, Response } from 'express';
import type { PublicUrl } from '../http/public-url.js';
import { withNext } from '../pages/next-path.js';
import type { AccountRow } from '../persistence/account-rows.js';
import type { Cookies } from './cookies.js';
import { csrfOf, isSame, newToken, tokenPattern } from '../access/secret-token.js';
import { sessionMs, type OpenSession, type Sessions } from './sessions.js';

/** Who looks at our pages, and whether a form was sent by one of them. */
export class Visitors {
  constructor(
    private readonly cookies: Cookies,
    private readonly sessions: Sessions,
    private readonly publicUrl: PublicUrl,
  ) {}

  /** The account of who has signed in, the code where one is asked for included. */
  async signedInAccount(request: Request): Promise<AccountRow | undefined> {
    const session = await this.session(request);
    return session?.awaitsCode === false ? session.account : undefined;
  }

  session(request: Request): Promise<OpenSession | undefined> {
    return this.sessions.find(this.cookies.read(request, 'session'));
  }

  /** Lets who has signed in through, and sends others to do so; they come back to where they wanted to go. */
  readonly requireSignIn: RequestHandler = (request, response, next) => {
    this.signedInAccount(request).then((account) => {
      if (account === undefined) {
        this.sendToSignIn(request, response);
      } else {
        next();
      }
    }, next);
  };

  sendToSignIn(request: Request, response: Response): void {
    const isRead = request.method === 'GET' || request.method === 'HEAD';
    response.set('cache-control', 'no-store');
    response.redirect(303, withNext('/sign-in', isRead ? request.originalUrl : undefined));
  }

  /** Under a new token whatever the browser had before, so that nobody can have laid one there. */
  async signIn(
    { request, response }: { request: Request; response: Response },
    accountId: string,
    options: { awaitsCode: boolean },
  ): Promise<void> {
    await this.signOut(request, response);
    const token = await this.sessions.begin(accountId, options);
    this.cookies.set(response, 'session', token, sessionMs);
  }

  /** Of the session the request comes with. */
  async signOut(request: Request, response: Response): Promise<void> {
    const token = this.cookies.read(request, 'session');
    if (token !== undefined) {
      await this.sessions.end(token);
      this.cookies.clear(response, 'session');
    }
  }

  /** For the field `csrf` of a form; who has no cookie yet gets one. */
  csrf(request: Request, response: Response): string {
    const token = this.formToken(request) ?? newToken();
    if (this.formToken(request) === undefined) {
      this.cookies.set(response, 'visit', token);
    }
    return csrfOf(token);
  }

  /** Whether the form was sent by a page of ours that this browser was shown. */
  isOwnForm(request: Request, form: URLSearchParams): boolean {
    const { origin, host } = request.headers;
    const token = this.formToken(request);
    return (
      (origin === undefined || this.publicUrl.isOwnOrigin(origin, host)) &&
      token !== undefined &&
      isSame(form.get('csrf') ?? '', csrfOf(token))
    );
  }

  private formToken(request: Request): string | undefined {
    const token = this.cookies.read(request, 'session') ?? this.cookies.read(request, 'visit');
    return token !== undefined && tokenPattern.test(token) ? token : undefined;
  }
}
