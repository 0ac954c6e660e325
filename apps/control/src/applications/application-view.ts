import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { Page } from '../http/cursors.js';
import { scopes, type ApplicationState, type Scope } from '../access/principal.js';
import { withVersion } from '../http/versions.js';
import type { ApplicationCredentialRow, ApplicationRow } from '../persistence/rows.js';
import {
  clientAuthMethods,
  credentialKinds,
  type ClientAuthMethod,
  type CredentialKind,
} from './application-bodies.js';
import { previousUntil } from './credential-secrets.js';

export class ApplicationView {
  @ApiProperty({ type: String, example: 'app_01jd3q6k2v0000000000000000' })
  id!: string;

  @ApiProperty({ type: String })
  name!: string;

  @ApiProperty({ type: String })
  description!: string;

  @ApiProperty({ type: String, nullable: true })
  website!: string | null;

  @ApiProperty({ type: String, nullable: true })
  contactEmail!: string | null;

  @ApiProperty({ type: String, nullable: true })
  noticeUrl!: string | null;

  @ApiProperty({ enum: ['pending', 'approved', 'rejected', 'suspended'] })
  state!: ApplicationState;

  @ApiProperty({ enum: scopes, isArray: true })
  scopes!: readonly Scope[];

  @ApiProperty({ type: [String], nullable: true, description: 'null: all' })
  databases!: readonly string[] | null;

  @ApiProperty({ type: [String], nullable: true, description: 'null: all' })
  models!: readonly string[] | null;

  @ApiProperty({ type: 'integer', isArray: true, nullable: true, description: 'null: all' })
  companyIds!: readonly number[] | null;

  @ApiProperty({ type: [String] })
  redirectUrls!: readonly string[];

  @ApiProperty({ type: String, format: 'date-time' })
  createdAt!: string;

  @ApiProperty({ type: String, format: 'date-time' })
  updatedAt!: string;
}

export class WrittenApplicationView extends ApplicationView {
  @ApiPropertyOptional({
    type: String,
    description: 'signs what is sent to noticeUrl; shown this once, where noticeUrl is a new one',
  })
  noticeSecret?: string;
}

export class RegisteredApplicationView extends WrittenApplicationView {
  @ApiProperty({
    type: String,
    description:
      'shown this once; it reads the state of the application, and does the rest once it is approved',
  })
  apiKey!: string;
}

export class ApplicationPage extends Page {
  @ApiProperty({ type: [ApplicationView] })
  data!: ApplicationView[];
}

/** Never with its secret. */
export class CredentialView {
  @ApiProperty({ type: String, description: 'of OAuth: the client id, or the consumer key' })
  id!: string;

  @ApiProperty({ enum: credentialKinds })
  kind!: CredentialKind;

  @ApiProperty({ type: String })
  name!: string;

  @ApiProperty({ enum: scopes, isArray: true })
  scopes!: readonly Scope[];

  @ApiProperty({ enum: clientAuthMethods, nullable: true, description: 'of an oauth2-client' })
  authMethod!: ClientAuthMethod | null;

  @ApiProperty({
    type: String,
    format: 'date-time',
    nullable: true,
    description: 'while its secret is replaced: until when the one before is good, too',
  })
  previousSecretUntil!: string | null;

  @ApiProperty({ type: String, format: 'date-time' })
  createdAt!: string;

  @ApiProperty({ type: String, format: 'date-time', nullable: true })
  revokedAt!: string | null;
}

export class CreatedCredentialView extends CredentialView {
  @ApiProperty({
    type: String,
    description: 'shown this once: the API key, the client secret, or the consumer secret',
  })
  secret!: string;
}

export class CredentialPage extends Page {
  @ApiProperty({ type: [CredentialView] })
  data!: CredentialView[];
}

export function viewOf(row: ApplicationRow): ApplicationView {
  const view = {
    id: row.id,
    name: row.name,
    description: row.description,
    website: row.website,
    contactEmail: row.contactEmail,
    noticeUrl: row.noticeUrl,
    state: row.state,
    scopes: row.scopes,
    databases: row.databases,
    models: row.models,
    companyIds: row.companyIds,
    redirectUrls: row.redirectUrls,
    createdAt: row.createdAt.toISOString(),
    updatedAt: row.updatedAt.toISOString(),
  };
  return withVersion(view, row.version);
}

export function credentialViewOf(row: ApplicationCredentialRow): CredentialView {
  return {
    id: row.id,
    kind: row.kind,
    name: row.name,
    scopes: row.scopes,
    authMethod: row.authMethod,
    previousSecretUntil: previousUntil(row)?.toISOString() ?? null,
    createdAt: row.createdAt.toISOString(),
    revokedAt: row.revokedAt?.toISOString() ?? null,
  };
}
