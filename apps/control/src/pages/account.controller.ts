import { Controller, Get, Inject, Post, Req, Res, UseFilters } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { Request, Response } from 'express';
import { Accounts } from '../accounts/accounts.js';
import { SecondFactor } from '../accounts/second-factor.js';
import { SignIn } from '../accounts/sign-in.js';
import { Visitors } from '../accounts/visitors.js';
import type { AccountRow } from '../persistence/account-rows.js';
import { accountPage, recoveryCodesPage, setUpPage } from './account-pages.js';
import type { FormError } from './fields.js';
import { readOwnForm } from './form.js';
import { newPasswordOf } from './new-password.js';
import { noticeOf, type Notice } from './notices.js';
import { PageFilter } from './page-filter.js';
import { sendPage } from './page.js';
import { addressOf, homePath, refusalOf } from './sign-in.controller.js';

interface Exchange {
  request: Request;
  response: Response;
  account: AccountRow;
  csrf: string;
}

const wrongSetUpCode =
  'The code is not the one the app shows now. Check that the clock of your phone is right.';

/** What a person sees and changes of the own account. */
@ApiExcludeController()
@UseFilters(PageFilter)
@Controller('account')
export class AccountController {
  constructor(
    @Inject(Accounts) private readonly accounts: Accounts,
    @Inject(SecondFactor) private readonly secondFactor: SecondFactor,
    @Inject(SignIn) private readonly signIn: SignIn,
    @Inject(Visitors) private readonly visitors: Visitors,
  ) {}

  @Get()
  show(@Req() request: Request, @Res() response: Response): Promise<void> {
    return this.signedIn(request, response, ({ account, csrf }) => {
      sendPage(response, accountPage({ account, csrf, notice: noticeOf(request.query['notice']) }));
    });
  }

  @Post('password')
  changePassword(@Req() request: Request, @Res() response: Response): Promise<void> {
    return this.formOf(request, response, async (exchange, form) => {
      const { account } = exchange;
      const { password, errors } = newPasswordOf(form, account.email);
      if (errors.length > 0) {
        this.refuse(exchange, errors);
        return;
      }
      const current = form.get('current') ?? '';
      const result = await this.signIn.password(account.email, current, addressOf(request));
      if (result.kind !== 'right') {
        const { status, text } = refusalOf(result, 'The current password is wrong.', response);
        this.refuse(exchange, [{ field: 'current', text }], status);
        return;
      }
      await this.accounts.setPassword(account.id, password);
      await this.visitors.signIn(exchange, account.id, { awaitsCode: false });
      goTo(response, 'password-changed');
    });
  }

  @Post('second-step/begin')
  beginSetUp(@Req() request: Request, @Res() response: Response): Promise<void> {
    return this.formOf(request, response, async ({ account }) => {
      await this.secondFactor.offer(account);
      response.redirect(303, '/account/second-step');
    });
  }

  @Get('second-step')
  showSetUp(@Req() request: Request, @Res() response: Response): Promise<void> {
    return this.signedIn(request, response, async ({ account, csrf }) => {
      if (account.totpOffered === null) {
        response.redirect(303, homePath);
        return;
      }
      const secret = await this.secondFactor.offer(account);
      sendPage(response, setUpPage({ account, csrf, secret }));
    });
  }

  @Post('second-step')
  confirmSetUp(@Req() request: Request, @Res() response: Response): Promise<void> {
    return this.formOf(request, response, async ({ account, csrf }, form) => {
      const codes = await this.secondFactor.confirm(account, form.get('code') ?? '');
      if (codes !== undefined) {
        sendPage(response, recoveryCodesPage({ account, csrf, codes }));
        return;
      }
      if (account.totpOffered === null) {
        response.redirect(303, homePath);
        return;
      }
      const secret = await this.secondFactor.offer(account);
      const errors = [{ field: 'code', text: wrongSetUpCode }];
      sendPage(response, setUpPage({ account, csrf, secret, errors }), 422);
    });
  }

  /** Turned off, or its recovery codes renewed: both ask for a code, so that an open browser alone is not enough. */
  @Post('second-step/change')
  change(@Req() request: Request, @Res() response: Response): Promise<void> {
    return this.formOf(request, response, async (exchange, form) => {
      const { account, csrf } = exchange;
      const result = await this.signIn.code(account, form.get('code') ?? '', addressOf(request));
      if (result.kind !== 'right') {
        const { status, text } = refusalOf(result, 'The code is wrong, or was used already.', response);
        this.refuse(exchange, [{ field: 'code', text }], status);
      } else if (form.get('change') === 'off') {
        await this.secondFactor.turnOff(account.id);
        goTo(response, 'second-step-off');
      } else {
        const codes = await this.secondFactor.renewRecoveryCodes(account.id);
        sendPage(response, recoveryCodesPage({ account, csrf, codes }));
      }
    });
  }

  private refuse({ response, account, csrf }: Exchange, errors: readonly FormError[], status = 422): void {
    sendPage(response, accountPage({ account, csrf, errors }), status);
  }

  private async signedIn(
    request: Request,
    response: Response,
    answer: (exchange: Exchange) => Promise<void> | void,
  ): Promise<void> {
    const account = await this.visitors.signedInAccount(request);
    if (account === undefined) {
      this.visitors.sendToSignIn(request, response);
      return;
    }
    await answer({ request, response, account, csrf: this.visitors.csrf(request, response) });
  }

  private formOf(
    request: Request,
    response: Response,
    answer: (exchange: Exchange, form: URLSearchParams) => Promise<void>,
  ): Promise<void> {
    return this.signedIn(request, response, async (exchange) => {
      await answer(exchange, await readOwnForm(request, this.visitors));
    });
  }
}

function goTo(response: Response, notice: Notice): void {
  response.redirect(303, `${homePath}?notice=${notice}`);
}
