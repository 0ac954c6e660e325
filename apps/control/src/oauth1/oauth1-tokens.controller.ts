import { Controller, Delete, Get, HttpCode, Inject, Post, Req, Res } from '@nestjs/common';
import { ApiNoContentResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { Request, Response } from 'express';
import { refused, type Refusal } from '#libs/oauth1';
import { Problem } from '../http/problem.js';
import { AnswersProblems } from '../http/problem-responses.js';
import { OAuth1TokenView } from './oauth1-token-view.js';
import { OAuth1Parts } from './oauth1-parts.js';
import { receivedRequest } from './received.js';
import type { CheckedRequest, FindToken } from './signature-check.js';
import { outOfBand } from './temporary-credentials.js';

const formType = 'application/x-www-form-urlencoded';
const nobody: FindToken = () => Promise.resolve(undefined);

/** What applications ask for with signed requests: RFC 5849, 2.1 and 2.3, and what their token is. */
@ApiTags('OAuth 1.0a')
@Controller('oauth/1.0a')
export class OAuth1TokensController {
  constructor(@Inject(OAuth1Parts) private readonly parts: OAuth1Parts) {}

  @Post('request-token')
  @HttpCode(200)
  @ApiOperation({
    summary: 'Begin: ask for temporary credentials',
    description:
      'Signed with the consumer secret alone. `oauth_callback` is one of the registered callback URLs, letter by letter, or `oob`. The credentials are good for ten minutes.',
  })
  @AnswersForm('oauth_token=…&oauth_token_secret=…&oauth_callback_confirmed=true')
  @AnswersProblems(413)
  async requestToken(@Req() request: Request, @Res() response: Response): Promise<void> {
    const { consumer, request: signed } = await this.signedBy(request, nobody);
    const { callback, consumerKey } = signed;
    if (callback === null || (callback !== outOfBand && !consumer.callbackUrls.includes(callback))) {
      throw problemOf(
        refused(
          'oauth1_callback_refused',
          'send oauth_callback: one of the callback URLs that the application has registered, letter by letter, or "oob"',
        ),
      );
    }
    const { applicationId } = consumer;
    const issued = await this.parts.temporary.issue({ consumerKey, applicationId, callback });
    sendForm(response, {
      oauth_token: issued.token,
      oauth_token_secret: issued.secret,
      oauth_callback_confirmed: 'true',
    });
  }

  @Post('access-token')
  @HttpCode(200)
  @ApiOperation({
    summary: 'End: exchange the temporary credentials for a token',
    description:
      'Signed with the temporary credentials, with the `oauth_verifier` that came to the callback or was typed in. They can be exchanged once; the token is good until it is revoked.',
  })
  @AnswersForm('oauth_token=…&oauth_token_secret=…')
  @AnswersProblems(413)
  async accessToken(@Req() request: Request, @Res() response: Response): Promise<void> {
    const { temporary } = this.parts;
    const { token, request: signed } = await this.signedBy(request, (each) => temporary.find(each));
    if (token === null) {
      throw problemOf(refused('oauth1_parameter_missing', 'send oauth_token, of the temporary credentials'));
    }
    const issued = await temporary.exchange(token.id, signed.verifier ?? '');
    if (issued === undefined) {
      throw problemOf(
        refused(
          'oauth1_verifier_refused',
          'send the oauth_verifier that came to the callback, or was shown, once the account had consented; temporary credentials can be exchanged once, within ten minutes',
        ),
      );
    }
    sendForm(response, { oauth_token: issued.token, oauth_token_secret: issued.secret });
  }

  @Get('token')
  @ApiOperation({
    summary: 'Who a signed request is taken to be of',
    description: 'To try whether requests are signed rightly, with or without a token.',
  })
  @ApiOkResponse({ type: OAuth1TokenView })
  @AnswersProblems(413)
  async read(@Req() request: Request): Promise<OAuth1TokenView> {
    const { consumer, token } = await this.signedBy(request, (each) => this.parts.tokens.find(each));
    return {
      applicationId: consumer.applicationId,
      applicationName: consumer.name,
      token: token?.id ?? null,
    };
  }

  @Delete('token')
  @HttpCode(204)
  @ApiOperation({ summary: 'Revoke the token that the request is signed with' })
  @ApiNoContentResponse({ description: 'The token is of no use any more' })
  @AnswersProblems(413)
  async revoke(@Req() request: Request): Promise<void> {
    const { token } = await this.signedBy(request, (each) => this.parts.tokens.find(each));
    if (token === null) {
      throw problemOf(refused('oauth1_parameter_missing', 'send oauth_token, the one that is to be revoked'));
    }
    await this.parts.tokens.revoke(token.id);
  }

  /** @throws Problem unless it is signed by a consumer, with a token that is found or none */
  private async signedBy(request: Request, findToken: FindToken): Promise<CheckedRequest> {
    const { check, publicAddress } = this.parts;
    const received = await receivedRequest(request, publicAddress);
    const checked = 'kind' in received ? received : await check.check(received, findToken);
    switch (checked.kind) {
      case 'right':
        return checked;
      case 'refused':
        throw problemOf(checked);
      case 'absent':
        throw problemOf(
          refused('oauth1_parameter_missing', 'sign the request as of OAuth 1.0a: see docs/oauth1.md'),
        );
    }
  }
}

function problemOf({ code, detail }: Refusal): Problem {
  return new Problem(code, detail);
}

function sendForm(response: Response, values: Readonly<Record<string, string>>): void {
  response.status(200).set({ 'content-type': formType, 'cache-control': 'no-store' });
  response.end(new URLSearchParams(values).toString());
}

function AnswersForm(example: string): MethodDecorator {
  return ApiOkResponse({
    description: 'Token and secret, as a form; the secret is shown this once',
    content: { [formType]: { schema: { type: 'string', example } } },
  });
}
