import { Body, Controller, Delete, Get, Inject, Param, Post, Query } from '@nestjs/common';
import {
  ApiBearerAuth,
  ApiCreatedResponse,
  ApiOkResponse,
  ApiOperation,
  ApiParam,
  ApiTags,
} from '@nestjs/swagger';
import { By, type Principal } from '../access/principal.js';
import { ForEveryApplication, requireApproved } from '../access/scope-guard.js';
import { defaultPageSize, pageOf } from '../http/cursors.js';
import { AnswersProblems, bodyProblems } from '../http/problem-responses.js';
import { Problem, requireNone, type FieldError } from '../http/problem.js';
import type { ApplicationRow } from '../persistence/rows.js';
import { CreateCredentialBody, credentialIdPattern, ListCredentialsQuery } from './application-bodies.js';
import { ApplicationCredentials, isRsaPublicKey } from './application-credentials.js';
import {
  CreatedCredentialView,
  CredentialPage,
  CredentialView,
  credentialViewOf,
} from './application-view.js';
import { applicationParameter, noApplication, requireOwn } from './applications.controller.js';
import { Applications } from './applications.js';

@ApiTags('Applications')
@ApiBearerAuth()
@Controller('v1/applications/:id/credentials')
export class CredentialsController {
  constructor(
    @Inject(Applications) private readonly applications: Applications,
    @Inject(ApplicationCredentials) private readonly credentials: ApplicationCredentials,
  ) {}

  @Post()
  @ForEveryApplication()
  @ApiOperation({
    summary: 'Give an application an API key, an OAuth 2 client or an OAuth 1.0a consumer',
    description:
      'An application that is approved does so for itself, with no more scopes than its request has.',
  })
  @ApiParam(applicationParameter)
  @ApiCreatedResponse({ type: CreatedCredentialView })
  @AnswersProblems(404, ...bodyProblems)
  async create(
    @By() by: Principal,
    @Param('id') id: string,
    @Body() body: CreateCredentialBody,
  ): Promise<CreatedCredentialView> {
    const application = await this.own(by, id);
    if (by.kind === 'application') {
      requireApproved(by);
    }
    const possible = application.scopes.filter(
      (scope) => by.kind === 'administrator' || by.scopes.has(scope),
    );
    const { kind, name = '', scopes = possible, publicKey = null } = body;
    const authMethod = kind === 'oauth2-client' ? (body.authMethod ?? 'client_secret_basic') : null;
    requireNone([...scopeErrors(scopes, possible), ...keyErrors(body)]);
    const given = { applicationId: id, kind, name, scopes, publicKey, authMethod };
    const { row, secret } = await this.credentials.create(given);
    return Object.assign(credentialViewOf(row), { secret });
  }

  @Get()
  @ForEveryApplication()
  @ApiOperation({ summary: "List an application's credentials, without their secrets, page by page" })
  @ApiParam(applicationParameter)
  @ApiOkResponse({ type: CredentialPage })
  @AnswersProblems(404, 422)
  async list(
    @By() by: Principal,
    @Param('id') id: string,
    @Query() { cursor, limit = defaultPageSize }: ListCredentialsQuery,
  ): Promise<CredentialPage> {
    await this.own(by, id);
    const rows = await this.credentials.list(id, { cursor, limit });
    const { shown, nextCursor } = pageOf(rows, limit, (row) => row.id);
    return { data: shown.map(credentialViewOf), nextCursor };
  }

  @Delete(':credentialId')
  @ForEveryApplication()
  @ApiOperation({
    summary: 'Revoke a credential, at once and for good',
    description: 'It stays in the list.',
  })
  @ApiParam(applicationParameter)
  @ApiParam({ name: 'credentialId', type: String, description: 'key_…, cli_… or con_…' })
  @ApiOkResponse({ type: CredentialView })
  @AnswersProblems(404)
  async revoke(
    @By() by: Principal,
    @Param('id') id: string,
    @Param('credentialId') credentialId: string,
  ): Promise<CredentialView> {
    await this.own(by, id);
    const revoked = credentialIdPattern.test(credentialId)
      ? await this.credentials.revoke(id, credentialId)
      : undefined;
    if (revoked === undefined) {
      const shown = credentialId.slice(0, 64);
      throw new Problem(
        'credential_not_found',
        `there is no credential "${shown}": GET /v1/applications/{id}/credentials lists all`,
      );
    }
    return credentialViewOf(revoked);
  }

  private async own(by: Principal, id: string): Promise<ApplicationRow> {
    requireOwn(by, id);
    const application = await this.applications.find(id);
    if (application === undefined) {
      throw noApplication(id);
    }
    return application;
  }
}

function scopeErrors(scopes: readonly string[], possible: readonly string[]): FieldError[] {
  return scopes
    .filter((scope) => !possible.includes(scope))
    .map((scope) => ({
      field: 'scopes',
      code: 'not_granted',
      message: `holds "${scope}", which is not to be given here: possible are ${possible.join(', ') || 'none'}`,
    }));
}

function keyErrors({ kind, publicKey, authMethod }: CreateCredentialBody): FieldError[] {
  if (authMethod !== undefined && kind !== 'oauth2-client') {
    return [{ field: 'authMethod', code: 'invalid', message: 'is only for an oauth2-client: leave it out' }];
  }
  if (publicKey === undefined) {
    return [];
  }
  const message =
    kind === 'oauth1-consumer'
      ? 'must be an RSA public key in PEM ("-----BEGIN PUBLIC KEY-----")'
      : 'is only for an oauth1-consumer: leave it out';
  return kind === 'oauth1-consumer' && isRsaPublicKey(publicKey)
    ? []
    : [{ field: 'publicKey', code: 'invalid', message }];
}
