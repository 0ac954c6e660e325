import { Body, Controller, Delete, Get, HttpCode, Inject, Param, Post, Query } from '@nestjs/common';
import {
  ApiBearerAuth,
  ApiCreatedResponse,
  ApiOkResponse,
  ApiOperation,
  ApiParam,
  ApiTags,
} from '@nestjs/swagger';
import { By, type Principal } from '../access/principal.js';
import { ForEveryApplication, requireApproved, requireScope } from '../access/scope-guard.js';
import { defaultGraceMs } from '../credentials/credential-fields.js';
import { defaultPageSize, pageOf } from '../http/cursors.js';
import { AnswersProblems, bodyProblems } from '../http/problem-responses.js';
import { Problem, requireNone, type FieldError } from '../http/problem.js';
import type { ApplicationCredentialRow, ApplicationRow } from '../persistence/rows.js';
import {
  CreateCredentialBody,
  credentialIdPattern,
  ListCredentialsQuery,
  RotateCredentialBody,
} from './application-bodies.js';
import { ApplicationCredentials, isRsaPublicKey } from './application-credentials.js';
import {
  CreatedCredentialView,
  CredentialPage,
  CredentialView,
  credentialViewOf,
} from './application-view.js';
import { applicationParameter, noApplication, requireOwn } from './applications.controller.js';
import { Applications } from './applications.js';

const credentialParameter = { name: 'credentialId', type: String, description: 'key_…, cli_… or con_…' };

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

  @Post(':credentialId/rotate-secret')
  @ForEveryApplication()
  @HttpCode(200)
  @ApiOperation({
    summary: 'Replace the secret of a credential',
    description:
      'The new one is shown this once. Until the grace time ends, either is good, so that whoever uses it can be ' +
      'changed over at any moment of it. An application does so where its request has the scopes of the credential.',
  })
  @ApiParam(applicationParameter)
  @ApiParam(credentialParameter)
  @ApiOkResponse({ type: CreatedCredentialView })
  @AnswersProblems(404, 409, ...bodyProblems)
  async rotateSecret(
    @By() by: Principal,
    @Param('id') id: string,
    @Param('credentialId') credentialId: string,
    @Body() { graceMs = defaultGraceMs }: RotateCredentialBody,
  ): Promise<CreatedCredentialView> {
    const application = await this.own(by, id);
    const credential = await this.found(id, credentialId);
    if (by.kind === 'application') {
      // Whoever is given the secret can do all that it can.
      requireApproved(by);
      credential.scopes
        .filter((scope) => application.scopes.includes(scope))
        .forEach((scope) => {
          requireScope(by, scope);
        });
    }
    const rotated = await this.credentials.rotate(id, credential.id, graceMs);
    if (rotated === undefined) {
      throw new Problem(
        'credential_not_rotatable',
        'it is revoked, or of a program that has none (authMethod "none"): create another credential',
      );
    }
    return Object.assign(credentialViewOf(rotated.row), { secret: rotated.secret });
  }

  @Delete(':credentialId')
  @ForEveryApplication()
  @ApiOperation({
    summary: 'Revoke a credential, at once and for good',
    description: 'It stays in the list.',
  })
  @ApiParam(applicationParameter)
  @ApiParam(credentialParameter)
  @ApiOkResponse({ type: CredentialView })
  @AnswersProblems(404)
  async revoke(
    @By() by: Principal,
    @Param('id') id: string,
    @Param('credentialId') credentialId: string,
  ): Promise<CredentialView> {
    await this.own(by, id);
    const credential = await this.found(id, credentialId);
    return credentialViewOf((await this.credentials.revoke(id, credential.id)) ?? credential);
  }

  private async found(id: string, credentialId: string): Promise<ApplicationCredentialRow> {
    const credential = credentialIdPattern.test(credentialId)
      ? await this.credentials.find(id, credentialId)
      : undefined;
    if (credential === undefined) {
      const shown = credentialId.slice(0, 64);
      throw new Problem(
        'credential_not_found',
        `there is no credential "${shown}": GET /v1/applications/{id}/credentials lists all`,
      );
    }
    return credential;
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
