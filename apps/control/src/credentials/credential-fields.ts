import { ApiExtraModels, ApiProperty, ApiPropertyOptional, getSchemaPath } from '@nestjs/swagger';
import { plainToInstance, Transform, Type } from 'class-transformer';
import { IsIn, IsObject, IsOptional, IsString, MaxLength, ValidateIf, ValidateNested } from 'class-validator';
import type { SignatureKind } from '#libs/subscription';
import { all, MayBeLeftOut, WholeNumber } from '../http/field-checks.js';
import {
  AuthBody,
  BasicAuthBody,
  BearerAuthBody,
  OAuth1Body,
  OAuth2Body,
  type AnyAuthBody,
} from './auth-bodies.js';

const maxPemLength = 16_384;
const graces = { min: 0, max: 604_800_000 };
export const defaultGraceMs = 86_400_000;
const signatureKinds: readonly SignatureKind[] = ['hmac', 'ed25519'];
const authKinds = [
  { name: 'basic', value: BasicAuthBody },
  { name: 'bearer', value: BearerAuthBody },
  { name: 'oauth2ClientCredentials', value: OAuth2Body },
  { name: 'oauth1', value: OAuth1Body },
];

const Pem =
  (what: string): PropertyDecorator =>
  (target, property) => {
    const message = `must be ${what} in PEM, of at most ${String(maxPemLength)} characters`;
    MaxLength(maxPemLength, { message })(target, property);
    IsString({ message })(target, property);
  };

export class ClientCertificateBody {
  @ApiProperty({
    type: String,
    maxLength: maxPemLength,
    description: 'the certificate in PEM, followed by those that lead to its authority',
  })
  @Pem('a certificate')
  certificatePem!: string;

  @ApiProperty({
    type: String,
    maxLength: maxPemLength,
    writeOnly: true,
    description: 'its private key in PEM',
  })
  @Pem('a private key')
  privateKeyPem!: string;

  @ApiPropertyOptional({
    type: String,
    maxLength: maxPemLength,
    description:
      "authorities in PEM that the endpoint's own certificate is checked against, instead of the usual ones",
  })
  @Pem('certificates')
  @ValidateIf((_, value) => value !== undefined)
  caPem?: string;
}

/** As its class where it is an object; what is none is told by the checks behind it. */
function asAuthBody(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return value;
  }
  const { type } = value as { type?: unknown };
  const kind = authKinds.find(({ name }) => name === type)?.value ?? AuthBody;
  return plainToInstance<AuthBody, unknown>(kind, value);
}

/** What create and change have in common of what requests carry; null takes it away. */
@ApiExtraModels(...authKinds.map(({ value }) => value))
export class CredentialFields {
  @ApiPropertyOptional({
    type: 'object',
    additionalProperties: { type: 'string' },
    nullable: true,
    example: { 'X-Shop': '7' },
    description: 'headers to add to each request: at most 20, of printable ASCII; they are not shown again',
  })
  @IsObject({ message: 'must be an object with the names and values of headers' })
  @IsOptional()
  headers?: Record<string, string> | null;

  @ApiPropertyOptional({
    oneOf: authKinds.map(({ value }) => ({ $ref: getSchemaPath(value) })),
    discriminator: {
      propertyName: 'type',
      mapping: Object.fromEntries(authKinds.map(({ name, value }) => [name, getSchemaPath(value)])),
    },
    nullable: true,
    description: 'how requests authenticate, beside their signature; what is secret of it is not shown again',
  })
  @Transform(({ value }: { value: unknown }) => asAuthBody(value))
  @ValidateNested({ message: 'must be an object with a type' })
  @IsObject({ message: 'must be an object with a type' })
  @IsOptional()
  auth?: AnyAuthBody | null;

  @ApiPropertyOptional({
    type: ClientCertificateBody,
    nullable: true,
    description: 'for mutual TLS, with an https:// url only; the key is not shown again',
  })
  @Type(() => ClientCertificateBody)
  @ValidateNested({ message: 'must be an object' })
  @IsObject({ message: 'must be an object' })
  @IsOptional()
  clientCertificate?: ClientCertificateBody | null;
}

export const signatureDocumentation = {
  enum: signatureKinds,
  description:
    'hmac: with a secret that the receiver has, too (v1); ed25519: with a key that only this side has (v1a)',
};

export const Signature = (): PropertyDecorator => (target, property) => {
  IsIn(signatureKinds, { message: 'must be "hmac" or "ed25519"' })(target, property);
  ValidateIf((_, value) => value !== undefined)(target, property);
};

/** For how long two secrets are good while one takes the place of the other. */
export const Grace = (description: string): PropertyDecorator =>
  all(
    ApiPropertyOptional({
      type: 'integer',
      minimum: graces.min,
      maximum: graces.max,
      default: defaultGraceMs,
      description: `${description}, in milliseconds; 0 ends it at once`,
    }),
    WholeNumber(graces),
    MayBeLeftOut(),
  );

export class RotateSecretBody {
  @Grace('how long the present secret signs, too')
  graceMs?: number;

  @ApiPropertyOptional({ ...signatureDocumentation, description: 'another kind of signature than before' })
  @Signature()
  signature?: SignatureKind;
}
