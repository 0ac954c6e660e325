import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import {
  ArrayMaxSize,
  ArrayUnique,
  IsArray,
  IsEmail,
  IsIn,
  IsOptional,
  IsString,
  IsUrl,
  Length,
  Matches,
  MaxLength,
} from 'class-validator';
import { scopes, type ApplicationState, type Scope } from '../access/principal.js';
import { Grace } from '../credentials/credential-fields.js';
import { Cursor, PageQuery } from '../http/cursors.js';
import { all, MayBeLeftOut, WholeNumber } from '../http/field-checks.js';

export const applicationIdPattern = /^[A-Za-z0-9_-]{1,64}$/;
export const credentialIdPattern = /^(?:key|cli|con)_[0-9a-z]{26}$/;
export const credentialKinds = ['api-key', 'oauth2-client', 'oauth1-consumer'] as const;
export const clientAuthMethods = ['client_secret_basic', 'client_secret_post', 'none'] as const;
export type ClientAuthMethod = (typeof clientAuthMethods)[number];
export type CredentialKind = (typeof credentialKinds)[number];

const maxGranted = 200;
const maxRedirectUrls = 20;
const maxPublicKeyLength = 2_000;

const TextList = (message: string): PropertyDecorator =>
  all(
    IsOptional(),
    IsArray({ message }),
    ArrayMaxSize(maxGranted, { message: `must hold at most ${String(maxGranted)}` }),
    ArrayUnique({ message: 'must name each once' }),
    IsString({ each: true, message }),
    MaxLength(128, { each: true, message }),
  );

/** A program on the same machine may listen on http; a page of others has to be https. */
const redirectUrlPattern =
  /^(?:https:\/\/[^\s#@]+|http:\/\/(?:localhost|127\.0\.0\.1|\[::1\])(?::\d{1,5})?(?:\/[^\s#@]*)?)$/;

/** What an application is, and what it may see. */
class ApplicationFields {
  @ApiPropertyOptional({ type: String, maxLength: 500, description: 'what it does, for whoever approves it' })
  @MaxLength(500, { message: 'must be a text of at most 500 characters' })
  @IsString({ message: 'must be a text of at most 500 characters' })
  @MayBeLeftOut()
  description?: string;

  @ApiPropertyOptional({ type: String, nullable: true, example: 'https://shipper.example' })
  @all(
    IsOptional(),
    IsUrl(
      { protocols: ['http', 'https'], require_protocol: true },
      { message: 'must be an http or https URL' },
    ),
    MaxLength(500, { message: 'must have at most 500 characters' }),
  )
  website?: string | null;

  @ApiPropertyOptional({ type: String, nullable: true, example: 'ops@shipper.example' })
  @all(IsOptional(), IsEmail({}, { message: 'must be an e-mail address' }))
  contactEmail?: string | null;

  @ApiPropertyOptional({
    type: String,
    nullable: true,
    example: 'https://shipper.example/odoo/notices',
    description:
      'is sent what happens to its subscriptions, signed; a new one is answered with its noticeSecret, once; null: nothing is sent',
  })
  @all(
    IsOptional(),
    IsString({ message: 'must be an http or https URL' }),
    MaxLength(2_000, { message: 'must have at most 2000 characters' }),
  )
  noticeUrl?: string | null;

  @ApiPropertyOptional({ enum: scopes, isArray: true, description: 'the most that its credentials can have' })
  @all(
    IsArray({ message: `must be a list of ${scopes.join(', ')}` }),
    ArrayUnique({ message: 'must name each once' }),
    IsIn(scopes, { each: true, message: `must hold only ${scopes.join(', ')}` }),
    MayBeLeftOut(),
  )
  scopes?: Scope[];

  @ApiPropertyOptional({ type: [String], nullable: true, description: 'slugs of Odoo databases; null: all' })
  @TextList('must be a list of slugs of Odoo databases, or null for all')
  databases?: string[] | null;

  @ApiPropertyOptional({ type: [String], nullable: true, example: ['sale.order'], description: 'null: all' })
  @TextList('must be a list of Odoo models, or null for all')
  models?: string[] | null;

  @ApiPropertyOptional({
    type: 'integer',
    isArray: true,
    nullable: true,
    description: 'ids of companies, of which a subscription has to name one as shape.companyId; null: all',
  })
  @all(
    IsOptional(),
    IsArray({ message: 'must be a list of ids of companies, or null for all' }),
    ArrayMaxSize(maxGranted, { message: `must hold at most ${String(maxGranted)}` }),
    ArrayUnique({ message: 'must name each once' }),
    WholeNumber({ min: 1, max: 2_147_483_647 }, { each: true }),
  )
  companyIds?: number[] | null;

  @ApiPropertyOptional({
    type: [String],
    description: 'where OAuth may send people back to, to the letter: https, or http on the same machine',
    example: ['https://shipper.example/odoo/connected'],
  })
  @all(
    IsArray({ message: 'must be a list of URLs' }),
    ArrayMaxSize(maxRedirectUrls, { message: `must hold at most ${String(maxRedirectUrls)}` }),
    ArrayUnique({ message: 'must name each once' }),
    Matches(redirectUrlPattern, {
      each: true,
      message: 'must hold https URLs without # and @, or http ones of localhost, 127.0.0.1 or [::1]',
    }),
    MaxLength(500, { each: true, message: 'must hold URLs of at most 500 characters' }),
    MayBeLeftOut(),
  )
  redirectUrls?: string[];
}

const nameDocumentation = { type: String, minLength: 1, maxLength: 100, example: 'Shipper' };
const Name = (): PropertyDecorator =>
  all(
    IsString({ message: 'must be a text of 1 to 100 characters' }),
    Length(1, 100, { message: 'must be a text of 1 to 100 characters' }),
    Matches(/^\S(?:.*\S)?$/, { message: 'must not begin or end with a space' }),
  );

export class CreateApplicationBody extends ApplicationFields {
  @ApiProperty(nameDocumentation)
  @Name()
  name!: string;
}

/** As somebody without credentials asks for it. */
export class RegisterApplicationBody extends CreateApplicationBody {}

export class ChangeApplicationBody extends ApplicationFields {
  @ApiPropertyOptional(nameDocumentation)
  @Name()
  @MayBeLeftOut()
  name?: string;

  @ApiPropertyOptional({
    enum: ['approved', 'rejected', 'suspended'],
    description: 'nothing is sent to the subscriptions of one that is not approved',
  })
  @IsIn(['approved', 'rejected', 'suspended'], { message: 'must be "approved", "rejected" or "suspended"' })
  @MayBeLeftOut()
  state?: Exclude<ApplicationState, 'pending'>;
}

export class CreateCredentialBody {
  @ApiProperty({ enum: credentialKinds })
  @IsIn(credentialKinds, { message: `must be one of ${credentialKinds.join(', ')}` })
  kind!: CredentialKind;

  @ApiPropertyOptional({ type: String, maxLength: 100, description: 'to tell it from others' })
  @MaxLength(100, { message: 'must be a text of at most 100 characters' })
  @IsString({ message: 'must be a text of at most 100 characters' })
  @MayBeLeftOut()
  name?: string;

  @ApiPropertyOptional({
    enum: scopes,
    isArray: true,
    description: "all of the application's where it is left out",
  })
  @all(
    IsArray({ message: `must be a list of ${scopes.join(', ')}` }),
    ArrayUnique({ message: 'must name each once' }),
    IsIn(scopes, { each: true, message: `must hold only ${scopes.join(', ')}` }),
    MayBeLeftOut(),
  )
  scopes?: Scope[];

  @ApiPropertyOptional({
    enum: clientAuthMethods,
    description:
      'of an oauth2-client: how it shows its secret (client_secret_basic where it is left out); none: it has none and is public',
  })
  @IsIn(clientAuthMethods, { message: `must be one of ${clientAuthMethods.join(', ')}` })
  @MayBeLeftOut()
  authMethod?: ClientAuthMethod;

  @ApiPropertyOptional({
    type: String,
    description: 'of an oauth1-consumer that signs with RSA-SHA1: its public key in PEM',
  })
  @MaxLength(maxPublicKeyLength, { message: 'must be a public key in PEM' })
  @IsString({ message: 'must be a public key in PEM' })
  @MayBeLeftOut()
  publicKey?: string;
}

export class ListCredentialsQuery extends PageQuery {
  @Cursor(credentialIdPattern)
  cursor?: string;
}

export class ListApplicationsQuery extends PageQuery {
  @ApiPropertyOptional({ enum: ['pending', 'approved', 'rejected', 'suspended'] })
  @IsIn(['pending', 'approved', 'rejected', 'suspended'], {
    message: 'must be "pending", "approved", "rejected" or "suspended"',
  })
  @MayBeLeftOut()
  state?: ApplicationState;

  @Cursor(applicationIdPattern)
  cursor?: string;
}

export class RotateCredentialBody {
  @Grace('how long the present secret is good, too')
  graceMs?: number;
}
