import { Controller, Get, Inject, Post, Req, Res, UseFilters } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { Request, Response } from 'express';
import { Visitors } from '../accounts/visitors.js';
import { Consents } from '../consents/consents.js';
import { allowedApplicationsPage } from './allowed-applications-page.js';
import { readOwnForm } from './form.js';
import { noticeOf, type Notice } from './notices.js';
import { PageFilter } from './page-filter.js';
import { sendPage } from './page.js';

const path = '/account/applications';
const takenBack: Notice = 'taken-back';
/** Nobody has allowed so many; what is revoked makes room for the rest. */
const mostShown = 200;

/** What a person has allowed applications, and takes back. */
@ApiExcludeController()
@UseFilters(PageFilter)
@Controller('account/applications')
export class AllowedApplicationsController {
  constructor(
    @Inject(Visitors) private readonly visitors: Visitors,
    @Inject(Consents) private readonly consents: Consents,
  ) {}

  @Get()
  async show(@Req() request: Request, @Res() response: Response): Promise<void> {
    const account = await this.visitors.signedInAccount(request);
    if (account === undefined) {
      this.visitors.sendToSignIn(request, response);
      return;
    }
    const consents = await this.consents.list({ accountId: account.id }, { limit: mostShown });
    const csrf = this.visitors.csrf(request, response);
    const notice = noticeOf(request.query['notice']);
    sendPage(response, allowedApplicationsPage({ consents, email: account.email, csrf, notice }));
  }

  @Post()
  async takeBack(@Req() request: Request, @Res() response: Response): Promise<void> {
    const account = await this.visitors.signedInAccount(request);
    if (account === undefined) {
      this.visitors.sendToSignIn(request, response);
      return;
    }
    const form = await readOwnForm(request, this.visitors);
    // One that somebody else has taken back meanwhile is taken back, too.
    await this.consents.revoke({ id: form.get('id') ?? '', accountId: account.id });
    response.redirect(303, `${path}?notice=${takenBack}`);
  }
}
