import { Controller, Get, Inject, Post, Req, Res, UseFilters } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { Request, Response } from 'express';
import type { Provider } from 'oidc-provider';
import { Visitors } from '../accounts/visitors.js';
import { ApplicationCredentials } from '../applications/application-credentials.js';
import { consentPage } from '../pages/consent-page.js';
import { readForm } from '../pages/form.js';
import { messagePage } from '../pages/message-page.js';
import { PageFilter } from '../pages/page-filter.js';
import { sendPage } from '../pages/page.js';
import { newSortableId } from '../persistence/sortable-id.js';
import { OAuth2, scopesOf } from './oauth2.js';

type Interaction = Awaited<ReturnType<Provider['interactionDetails']>>;

/** Where an account says whether an application may act for it, as of OAuth 2. For people, not for programs. */
@ApiExcludeController()
@Controller('consent/:uid')
@UseFilters(PageFilter)
export class ConsentController {
  constructor(
    @Inject(OAuth2) private readonly oauth2: OAuth2,
    @Inject(Visitors) private readonly visitors: Visitors,
    @Inject(ApplicationCredentials) private readonly credentials: ApplicationCredentials,
  ) {}

  @Get()
  async ask(@Req() request: Request, @Res() response: Response): Promise<void> {
    const interaction = await this.interaction(request, response);
    const account = interaction && (await this.visitors.signedInAccount(request));
    if (interaction === undefined) {
      sendOver(response);
      return;
    }
    if (account === undefined) {
      this.visitors.sendToSignIn(request, response);
      return;
    }
    if (interaction.prompt.name === 'login' || interaction.session?.accountId !== account.id) {
      await this.finish(request, response, { login: { accountId: account.id, remember: false } });
      return;
    }
    const { client_id: clientId, scope } = interaction.params;
    const found = typeof clientId === 'string' ? await this.credentials.inUse(clientId) : undefined;
    if (found === undefined) {
      sendOver(response);
      return;
    }
    const { application } = found;
    const page = consentPage({
      applicationName: application.name,
      applicationUrl: application.website ?? undefined,
      scopes: scopesOf(String(scope)),
      databases: application.databases,
      models: application.models,
      companyIds: application.companyIds,
      action: `/consent/${interaction.uid}`,
      csrf: this.visitors.csrf(request, response),
      hidden: {},
      email: account.email,
    });
    sendPage(response, page);
  }

  @Post()
  async answer(@Req() request: Request, @Res() response: Response): Promise<void> {
    const form = await readForm(request);
    const interaction = await this.interaction(request, response);
    const account = interaction && (await this.visitors.signedInAccount(request));
    if (interaction === undefined || account === undefined || !this.visitors.isOwnForm(request, form)) {
      sendOver(response);
      return;
    }
    if (form.get('decision') !== 'allow') {
      const description = 'the person who was asked denied access';
      await this.finish(request, response, { error: 'access_denied', error_description: description });
      return;
    }
    if (interaction.prompt.name !== 'consent' || interaction.session?.accountId !== account.id) {
      sendOver(response);
      return;
    }
    const grantId = await this.grant(interaction, account.id);
    await this.finish(request, response, { consent: { grantId } });
  }

  /** undefined for one that is over, or another browser's. */
  private async interaction(request: Request, response: Response): Promise<Interaction | undefined> {
    const provider = await this.oauth2.provider();
    this.oauth2.asSeenFromOutside(request);
    try {
      return await provider.interactionDetails(request, response);
    } catch (error) {
      if (error instanceof Error && error.name === 'SessionNotFound') {
        return undefined;
      }
      throw error;
    }
  }

  private async grant({ grantId, params, prompt }: Interaction, accountId: string): Promise<string> {
    const provider = await this.oauth2.provider();
    const known = grantId === undefined ? undefined : await provider.Grant.find(grantId);
    const grant = known ?? new provider.Grant({ accountId, clientId: String(params['client_id']) });
    if (known === undefined) {
      // By this it is listed and revoked; nothing can be done with it alone.
      grant.jti = newSortableId('gnt', Date.now());
    }
    const { missingOIDCScope: missing } = prompt.details as { missingOIDCScope?: string[] };
    if (missing !== undefined) {
      grant.addOIDCScope(missing.join(' '));
    }
    return grant.save();
  }

  private async finish(
    request: Request,
    response: Response,
    result: Parameters<Provider['interactionFinished']>[2],
  ): Promise<void> {
    const provider = await this.oauth2.provider();
    await provider.interactionFinished(request, response, result, {
      mergeWithLastSubmission: !('login' in result),
    });
  }
}

function sendOver(response: Response): void {
  const text =
    'It is over after ten minutes, or once it was answered. Go back to the application and begin anew; cookies must be allowed.';
  sendPage(response, messagePage({ title: 'This request is not open', text }), 400);
}
