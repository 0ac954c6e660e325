import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsIn, IsString, Matches, MaxLength, ValidateIf } from 'class-validator';
import type { EndpointAuth } from '#libs/subscription';

export const authTypes = ['basic', 'bearer', 'oauth2ClientCredentials', 'oauth1'] as const;
const clientAuthentications = ['basic', 'body'] as const;
const signatureMethods = ['HMAC-SHA256', 'HMAC-SHA1'] as const;

const maxTextLength = 1_000;
const maxTokenLength = 4_096;
const noControlCharacters = /^\P{Cc}*$/u;
const printableAscii = /^[\x20-\x7e]+$/;

const MayBeLeftOut = (): PropertyDecorator => ValidateIf((_, value) => value !== undefined);

interface TextRules {
  what?: string;
  pattern?: RegExp;
  maxLength?: number;
}

/** A text, with one sentence for whatever is wrong with it. */
function Text({
  what = 'a text without control characters',
  pattern = noControlCharacters,
  maxLength = maxTextLength,
}: TextRules = {}): PropertyDecorator {
  const message = `must be ${what}, of at most ${String(maxLength)} characters`;
  const checks = [Matches(pattern, { message }), MaxLength(maxLength, { message }), IsString({ message })];
  return (target, property) => {
    checks.forEach((check) => {
      check(target, property);
    });
  };
}

const nonEmpty: TextRules = { what: 'a non-empty text without control characters', pattern: /^\P{Cc}+$/u };

/** What is common to all; alone where the type is none that is known. */
export class AuthBody {
  @ApiProperty({ enum: authTypes })
  @IsIn(authTypes, { message: `must be one of ${authTypes.map((type) => `"${type}"`).join(', ')}` })
  type!: EndpointAuth['type'];
}

export class BasicAuthBody extends AuthBody {
  @ApiProperty({ type: String })
  @Text({ what: 'a text without ":" and control characters', pattern: /^[^:\p{Cc}]*$/u })
  username!: string;

  @ApiProperty({ type: String, writeOnly: true })
  @Text()
  password!: string;
}

export class BearerAuthBody extends AuthBody {
  @ApiProperty({ type: String, writeOnly: true })
  @Text({
    what: 'a token of printable ASCII without spaces',
    pattern: /^[\x21-\x7e]+$/,
    maxLength: maxTokenLength,
  })
  token!: string;
}

export class OAuth2Body extends AuthBody {
  @ApiProperty({
    type: String,
    example: 'https://login.example/oauth2/token',
    description: 'where tokens are asked for; the same addresses are allowed as for url',
  })
  @IsString({ message: 'must be the http:// or https:// URL of the token endpoint' })
  tokenUrl!: string;

  @ApiProperty({ type: String })
  @Text(nonEmpty)
  clientId!: string;

  @ApiProperty({ type: String, writeOnly: true })
  @Text(nonEmpty)
  clientSecret!: string;

  @ApiPropertyOptional({ type: String, description: 'scopes, with a space between each' })
  @Text({ what: 'scopes of printable ASCII', pattern: printableAscii })
  @MayBeLeftOut()
  scope?: string;

  @ApiPropertyOptional({ type: String, description: 'for token endpoints that ask for it' })
  @Text(nonEmpty)
  @MayBeLeftOut()
  audience?: string;

  @ApiPropertyOptional({
    enum: clientAuthentications,
    default: 'basic',
    description: 'where id and secret stand in a request for a token: its Authorization header or its body',
  })
  @IsIn(clientAuthentications, { message: 'must be "basic" or "body"' })
  @MayBeLeftOut()
  clientAuthentication?: 'basic' | 'body';
}

export class OAuth1Body extends AuthBody {
  @ApiProperty({ type: String })
  @Text(nonEmpty)
  consumerKey!: string;

  @ApiProperty({ type: String, writeOnly: true })
  @Text()
  consumerSecret!: string;

  @ApiPropertyOptional({ type: String, writeOnly: true })
  @Text(nonEmpty)
  @MayBeLeftOut()
  token?: string;

  @ApiPropertyOptional({ type: String, writeOnly: true })
  @Text()
  @MayBeLeftOut()
  tokenSecret?: string;

  @ApiPropertyOptional({ enum: signatureMethods, default: 'HMAC-SHA256' })
  @IsIn(signatureMethods, { message: 'must be "HMAC-SHA256" or "HMAC-SHA1"' })
  @MayBeLeftOut()
  signatureMethod?: 'HMAC-SHA256' | 'HMAC-SHA1';

  @ApiPropertyOptional({ type: String })
  @Text({
    what: 'a text of printable ASCII without \'"\' and "\\"',
    pattern: /^[\x20\x21\x23-\x5b\x5d-\x7e]+$/,
  })
  @MayBeLeftOut()
  realm?: string;
}

export type AnyAuthBody = BasicAuthBody | BearerAuthBody | OAuth2Body | OAuth1Body;

/** With the defaults filled in, as a plain object. */
export function authOf(body: AnyAuthBody): EndpointAuth {
  const given = Object.fromEntries(Object.entries(body).filter(([, value]) => value !== undefined));
  const defaults =
    body.type === 'oauth2ClientCredentials'
      ? { clientAuthentication: 'basic' }
      : body.type === 'oauth1'
        ? { signatureMethod: 'HMAC-SHA256' }
        : {};
  return { ...defaults, ...given } as unknown as EndpointAuth;
}
