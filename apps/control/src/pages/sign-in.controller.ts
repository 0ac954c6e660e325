import { Controller, Get, Inject, Post, Req, Res, UseFilters } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { Request, Response } from 'express';
import { Accounts } from '../accounts/accounts.js';
import { ExternalVisits } from '../accounts/external-visits.js';
import { SignIn, type Try } from '../accounts/sign-in.js';
import { Visitors } from '../accounts/visitors.js';
import type { AccountRow } from '../persistence/account-rows.js';
import { readOwnForm } from './form.js';
import { nextPath, withNext } from './next-path.js';
import { noticeOf } from './notices.js';
import { PageFilter } from './page-filter.js';
import { sendPage } from './page.js';
import { codePage, signInPage, waitText } from './sign-in-pages.js';

export const homePath = '/account';
const wrongPassword = 'E-mail address or password is wrong.';
const wrongCode = 'The code is wrong, or was used already. Wait for the next one.';

@ApiExcludeController()
@UseFilters(PageFilter)
@Controller()
export class SignInController {
  constructor(
    @Inject(Accounts) private readonly accounts: Accounts,
    @Inject(SignIn) private readonly signIn: SignIn,
    @Inject(Visitors) private readonly visitors: Visitors,
    @Inject(ExternalVisits) private readonly external: ExternalVisits,
  ) {}

  @Get('sign-in')
  async showSignIn(@Req() request: Request, @Res() response: Response): Promise<void> {
    const next = nextPath(request.query['next']);
    if ((await this.visitors.signedInAccount(request)) !== undefined) {
      response.redirect(303, next ?? homePath);
      return;
    }
    const csrf = this.visitors.csrf(request, response);
    const notice = noticeOf(request.query['notice']);
    sendPage(response, signInPage({ csrf, next, notice, provider: this.external.provider?.name }));
  }

  @Post('sign-in')
  async checkPassword(@Req() request: Request, @Res() response: Response): Promise<void> {
    const form = await readOwnForm(request, this.visitors);
    const next = nextPath(form.get('next'));
    const email = form.get('email') ?? '';
    const result = await this.signIn.password(email, form.get('password') ?? '', addressOf(request));
    if (result.kind !== 'right') {
      const csrf = this.visitors.csrf(request, response);
      const { status, text } = refusalOf(result, wrongPassword, response);
      const errors = [{ field: 'email', text }];
      sendPage(
        response,
        signInPage({ csrf, next, email, errors, provider: this.external.provider?.name }),
        status,
      );
      return;
    }
    const account = result.value;
    const awaitsCode = account.totpSecret !== null;
    await this.visitors.signIn({ request, response }, account.id, { awaitsCode });
    if (awaitsCode) {
      response.redirect(303, withNext('/sign-in/code', next));
      return;
    }
    await this.goOn(response, account, next);
  }

  @Get('sign-in/code')
  async showCode(@Req() request: Request, @Res() response: Response): Promise<void> {
    const next = nextPath(request.query['next']);
    const session = await this.visitors.session(request);
    if (session?.awaitsCode !== true) {
      response.redirect(303, session === undefined ? withNext('/sign-in', next) : (next ?? homePath));
      return;
    }
    sendPage(response, codePage({ csrf: this.visitors.csrf(request, response), next }));
  }

  @Post('sign-in/code')
  async checkCode(@Req() request: Request, @Res() response: Response): Promise<void> {
    const form = await readOwnForm(request, this.visitors);
    const next = nextPath(form.get('next'));
    const session = await this.visitors.session(request);
    if (session?.awaitsCode !== true) {
      response.redirect(303, withNext('/sign-in', next));
      return;
    }
    const result = await this.signIn.code(session.account, form.get('code') ?? '', addressOf(request));
    if (result.kind !== 'right') {
      const { status, text } = refusalOf(result, wrongCode, response);
      const csrf = this.visitors.csrf(request, response);
      sendPage(response, codePage({ csrf, next, errors: [{ field: 'code', text }] }), status);
      return;
    }
    await this.visitors.signIn({ request, response }, session.account.id, { awaitsCode: false });
    await this.goOn(response, session.account, next);
  }

  @Post('sign-out')
  async signOut(@Req() request: Request, @Res() response: Response): Promise<void> {
    await readOwnForm(request, this.visitors);
    await this.visitors.signOut(request, response);
    response.redirect(303, '/sign-in?notice=signed-out');
  }

  private async goOn(response: Response, { id }: AccountRow, next: string | undefined): Promise<void> {
    await this.accounts.signedIn(id);
    response.redirect(303, next ?? homePath);
  }
}

/** Of the client, or of what TRUSTED_PROXIES say it is. */
export function addressOf(request: Request): string {
  return request.ip ?? '';
}

export function refusalOf(
  result: Exclude<Try<AccountRow>, { kind: 'right' }>,
  wrong: string,
  response: Response,
): { status: number; text: string } {
  if (result.kind === 'wrong') {
    return { status: 422, text: wrong };
  }
  response.set('retry-after', String(result.seconds));
  return { status: 429, text: waitText(result.seconds) };
}
