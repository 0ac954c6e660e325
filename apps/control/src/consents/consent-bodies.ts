import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { Matches } from 'class-validator';
import { scopes, type Scope } from '../access/principal.js';
import { accountIdPattern } from '../accounts/account-bodies.js';
import { applicationIdPattern } from '../applications/application-bodies.js';
import { Cursor, Page, PageQuery } from '../http/cursors.js';
import { MayBeLeftOut } from '../http/field-checks.js';
import { consentKinds, type Consent, type ConsentKind } from './consents.js';

export const consentIdPattern = /^(?:o1t|gnt)_[0-9a-z]{26}$/;

export class ListConsentsQuery extends PageQuery {
  @ApiPropertyOptional({ type: String, description: 'of one application; an application sees its own alone' })
  @Matches(applicationIdPattern, { message: 'must be the id of an application' })
  @MayBeLeftOut()
  applicationId?: string;

  @ApiPropertyOptional({ type: String, description: 'what one account has allowed' })
  @Matches(accountIdPattern, { message: 'must be the id of an account' })
  @MayBeLeftOut()
  accountId?: string;

  @Cursor(consentIdPattern)
  cursor?: string;
}

export class ConsentView {
  @ApiProperty({ type: String, description: 'of OAuth 1.0a the token, o1t_…; of OAuth 2 the grant, gnt_…' })
  id!: string;

  @ApiProperty({ enum: consentKinds })
  kind!: ConsentKind;

  @ApiProperty({ type: String })
  applicationId!: string;

  @ApiProperty({ type: String, description: 'the client, or the consumer, that it was given' })
  credentialId!: string;

  @ApiProperty({ type: String, description: 'who has allowed it' })
  accountId!: string;

  @ApiProperty({
    enum: scopes,
    isArray: true,
    description: 'what it can do now: what was allowed, and credential and application still have',
  })
  scopes!: readonly Scope[];

  @ApiProperty({ type: String, format: 'date-time' })
  createdAt!: string;

  @ApiProperty({
    type: String,
    format: 'date-time',
    nullable: true,
    description: 'within a minute; null: never as yet',
  })
  lastUsedAt!: string | null;

  @ApiProperty({ type: String, format: 'date-time', nullable: true, description: 'null: when it is revoked' })
  endsAt!: string | null;
}

export class ConsentPage extends Page {
  @ApiProperty({ type: [ConsentView] })
  data!: ConsentView[];
}

export function consentViewOf(consent: Consent): ConsentView {
  const { id, kind, applicationId, credentialId, accountId, scopes: held } = consent;
  return {
    id,
    kind,
    applicationId,
    credentialId,
    accountId,
    scopes: held,
    createdAt: consent.createdAt.toISOString(),
    lastUsedAt: consent.lastUsedAt?.toISOString() ?? null,
    endsAt: consent.endsAt?.toISOString() ?? null,
  };
}
