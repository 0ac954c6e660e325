import { Controller, Get, Inject, NotFoundException, Post, Req, Res, UseFilters } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { Request, Response } from 'express';
import { messageOf } from '#libs/process';
import type { Logger } from '#libs/telemetry';
import { Accounts } from '../accounts/accounts.js';
import { callbackPath, externalWaitMs, type ExternalSignIn } from '../accounts/external-sign-in.js';
import { ExternalVisits } from '../accounts/external-visits.js';
import { Visitors } from '../accounts/visitors.js';
import { PageRefused, readOwnForm } from './form.js';
import { messagePage } from './message-page.js';
import { nextPath } from './next-path.js';
import { PageFilter, pageLogger } from './page-filter.js';
import { homePath } from './sign-in.controller.js';

/** To the external provider and back. */
@ApiExcludeController()
@UseFilters(PageFilter)
@Controller()
export class ExternalSignInController {
  constructor(
    @Inject(Accounts) private readonly accounts: Accounts,
    @Inject(Visitors) private readonly visitors: Visitors,
    @Inject(ExternalVisits) private readonly external: ExternalVisits,
    @Inject(pageLogger) private readonly logger: Logger,
  ) {}

  @Post('sign-in/external')
  async begin(@Req() request: Request, @Res() response: Response): Promise<void> {
    const provider = this.provider();
    const form = await readOwnForm(request, this.visitors);
    const begun = await provider
      .begin(this.external.origin, nextPath(form.get('next')))
      .catch((error: unknown) => {
        this.logger.warn({ error: messageOf(error) }, 'the external provider cannot be used');
        throw refused(
          502,
          'The provider does not answer. Try again in a minute, or sign in with your password.',
        );
      });
    this.external.keep(response, begun.underWay, externalWaitMs);
    response.redirect(303, begun.url.href);
  }

  @Get(callbackPath.slice(1))
  async finish(@Req() request: Request, @Res() response: Response): Promise<void> {
    const provider = this.provider();
    const underWay = this.external.take(request, response);
    const returned = new URL(request.originalUrl, this.external.origin);
    if (underWay === undefined) {
      throw refused(400, 'The way back took too long, or began in another browser. Sign in once more.');
    }
    const { identity, next } = await provider.finish(returned, underWay).catch((error: unknown) => {
      this.logger.warn({ error: messageOf(error) }, 'the external provider signed nobody in');
      throw refused(400, 'The provider did not confirm who you are, or you changed your mind.');
    });
    const account = await provider.accountOf(identity, this.accounts);
    if (account === undefined) {
      throw refused(
        403,
        'The provider knows you, and there is no account here that you may use with it. Ask an administrator for an invitation.',
      );
    }
    await this.visitors.signIn({ request, response }, account.id, { awaitsCode: false });
    await this.accounts.signedIn(account.id);
    response.redirect(303, nextPath(next) ?? homePath);
  }

  private provider(): ExternalSignIn {
    if (this.external.provider === undefined) {
      throw new NotFoundException();
    }
    return this.external.provider;
  }
}

function refused(status: number, text: string): PageRefused {
  const link = { href: '/sign-in', text: 'Sign in' };
  return new PageRefused(status, messagePage({ title: 'You are not signed in', text, link }));
}
