import { Controller, Get, Inject, Post, Req, Res, UseFilters } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { Request, Response } from 'express';
import { consentPage } from '../pages/consent-page.js';
import { readOwnForm } from '../pages/form.js';
import { html } from '../pages/html.js';
import { messagePage } from '../pages/message-page.js';
import { PageFilter } from '../pages/page-filter.js';
import { sendPage } from '../pages/page.js';
import type { TemporaryCredentialRow } from '../persistence/oauth1-rows.js';
import { OAuth1Parts } from './oauth1-parts.js';
import { outOfBand } from './temporary-credentials.js';

const path = '/oauth/1.0a/authorize';

interface Asked {
  row: TemporaryCredentialRow;
  applicationName: string;
}

/** Where an account says whether an application may act for it: RFC 5849, 2.2. For people, not for programs. */
@ApiExcludeController()
@Controller('oauth/1.0a/authorize')
@UseFilters(PageFilter)
export class OAuth1AuthorizationController {
  constructor(@Inject(OAuth1Parts) private readonly parts: OAuth1Parts) {}

  @Get()
  async ask(@Req() request: Request, @Res() response: Response): Promise<void> {
    const { visitors, grantOf } = this.parts;
    const asked = await this.askedBy(queryOf(request).getAll('oauth_token'));
    if (asked === undefined) {
      sendUnknown(response);
      return;
    }
    const account = await visitors.signedInAccount(request);
    if (account === undefined) {
      visitors.sendToSignIn(request, response);
      return;
    }
    const page = consentPage({
      applicationName: asked.applicationName,
      ...(await grantOf(asked.row.consumerKey)),
      action: path,
      csrf: visitors.csrf(request, response),
      hidden: { oauth_token: asked.row.token },
      email: account.email,
    });
    sendPage(response, page);
  }

  @Post()
  async answer(@Req() request: Request, @Res() response: Response): Promise<void> {
    const { visitors } = this.parts;
    const account = await visitors.signedInAccount(request);
    if (account === undefined) {
      visitors.sendToSignIn(request, response);
      return;
    }
    const form = await readOwnForm(request, visitors);
    const asked = await this.askedBy(form.getAll('oauth_token'));
    if (asked === undefined) {
      sendUnknown(response);
      return;
    }
    if (form.get('decision') === 'allow') {
      await this.allow(asked, account.id, response);
    } else {
      await this.deny(asked, response);
    }
  }

  /** undefined where the request is over, was answered, or the application does not have that callback any more. */
  private async askedBy(tokens: readonly string[]): Promise<Asked | undefined> {
    const [token, ...more] = tokens;
    if (token === undefined || more.length > 0 || !/^[\w-]{1,64}$/.test(token)) {
      return undefined;
    }
    const row = await this.parts.temporary.findOpen(token);
    const consumer = row && (await this.parts.consumers.find(row.consumerKey));
    return row !== undefined &&
      consumer !== undefined &&
      (row.callback === outOfBand || consumer.callbackUrls.includes(row.callback))
      ? { row, applicationName: consumer.name }
      : undefined;
  }

  private async allow(asked: Asked, accountId: string, response: Response): Promise<void> {
    const { token, callback } = asked.row;
    const verifier = await this.parts.temporary.allow(asked.row, accountId);
    if (verifier === undefined) {
      sendUnknown(response);
    } else if (callback === outOfBand) {
      sendVerifier(response, asked, verifier);
    } else {
      leadBack(response, callback, { oauth_token: token, oauth_verifier: verifier });
    }
  }

  private async deny({ row, applicationName }: Asked, response: Response): Promise<void> {
    await this.parts.temporary.deny(row);
    if (row.callback === outOfBand) {
      const text = `${applicationName} was given nothing. You may close this page.`;
      sendPage(response, messagePage({ title: 'Access denied', text }));
    } else {
      leadBack(response, row.callback, { oauth_token: row.token, oauth_problem: 'permission_denied' });
    }
  }
}

function queryOf({ originalUrl }: Request): URLSearchParams {
  return new URLSearchParams(originalUrl.split('?')[1] ?? '');
}

/** The callback stays as it was registered, letter by letter; parameters are added to its query. */
function leadBack(response: Response, callback: string, parameters: Readonly<Record<string, string>>): void {
  const added = new URLSearchParams(parameters).toString();
  response.set({ 'cache-control': 'no-store', 'referrer-policy': 'no-referrer' });
  response.status(303).set('location', `${callback}${callback.includes('?') ? '&' : '?'}${added}`);
  response.end();
}

function sendVerifier(response: Response, { applicationName }: Asked, verifier: string): void {
  const main = html`<h1>Enter this code in <strong class="name">${applicationName}</strong></h1>
    <p><code>${verifier}</code></p>
    <p class="note">It can be used once, within ten minutes. Tell it to nobody.</p>`;
  sendPage(response, { title: 'Your code', main });
}

function sendUnknown(response: Response): void {
  const text =
    'It is over after ten minutes, or once it was answered. Go back to the application and begin anew.';
  sendPage(response, messagePage({ title: 'This request is not open', text }), 404);
}
