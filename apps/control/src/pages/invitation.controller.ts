import { Controller, Get, Inject, Param, Post, Req, Res, UseFilters } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { Request, Response } from 'express';
import { Accounts } from '../accounts/accounts.js';
import { Visitors } from '../accounts/visitors.js';
import type { AccountRow } from '../persistence/account-rows.js';
import { invitationPage } from './account-pages.js';
import { PageRefused, readOwnForm } from './form.js';
import { messagePage } from './message-page.js';
import { newPasswordOf } from './new-password.js';
import { PageFilter } from './page-filter.js';
import { sendPage } from './page.js';

/** Where a person who is invited sets a password. Reading the page does not use the link up: mail scanners read, too. */
@ApiExcludeController()
@UseFilters(PageFilter)
@Controller('invitation/:token')
export class InvitationController {
  constructor(
    @Inject(Accounts) private readonly accounts: Accounts,
    @Inject(Visitors) private readonly visitors: Visitors,
  ) {}

  @Get()
  async show(
    @Param('token') token: string,
    @Req() request: Request,
    @Res() response: Response,
  ): Promise<void> {
    const account = await this.invited(token);
    const csrf = this.visitors.csrf(request, response);
    sendPage(response, invitationPage({ account, csrf, action: actionOf(token) }));
  }

  @Post()
  async accept(
    @Param('token') token: string,
    @Req() request: Request,
    @Res() response: Response,
  ): Promise<void> {
    const form = await readOwnForm(request, this.visitors);
    const account = await this.invited(token);
    const { password, errors } = newPasswordOf(form, account.email);
    if (errors.length > 0) {
      const csrf = this.visitors.csrf(request, response);
      sendPage(response, invitationPage({ account, csrf, action: actionOf(token), errors }), 422);
      return;
    }
    if (!(await this.accounts.acceptInvitation(token, password))) {
      throw over();
    }
    response.redirect(303, '/sign-in?notice=password-set');
  }

  private async invited(token: string): Promise<AccountRow> {
    const account = await this.accounts.findInvited(token);
    if (account === undefined) {
      throw over();
    }
    return account;
  }
}

function actionOf(token: string): string {
  return `/invitation/${token}`;
}

function over(): PageRefused {
  const text =
    'It was used already, has expired, or was replaced by a newer one. Ask an administrator for another.';
  return new PageRefused(404, messagePage({ title: 'This invitation is over', text }));
}
