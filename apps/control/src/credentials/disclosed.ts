import { X509Certificate } from 'node:crypto';
import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import type { ClientCertificate, EndpointAuth } from '#libs/subscription';

const authTypes = ['basic', 'bearer', 'oauth2ClientCredentials', 'oauth1'] as const;

/** How requests authenticate, without what is secret of it. */
export class AuthView {
  @ApiProperty({ enum: authTypes })
  type!: EndpointAuth['type'];

  @ApiPropertyOptional({ type: String })
  username?: string;

  @ApiPropertyOptional({ type: String })
  tokenUrl?: string;

  @ApiPropertyOptional({ type: String })
  clientId?: string;

  @ApiPropertyOptional({ type: String })
  scope?: string;

  @ApiPropertyOptional({ type: String })
  audience?: string;

  @ApiPropertyOptional({ enum: ['basic', 'body'] })
  clientAuthentication?: 'basic' | 'body';

  @ApiPropertyOptional({ type: String })
  consumerKey?: string;

  @ApiPropertyOptional({ enum: ['HMAC-SHA256', 'HMAC-SHA1'] })
  signatureMethod?: 'HMAC-SHA256' | 'HMAC-SHA1';

  @ApiPropertyOptional({ type: String })
  realm?: string;
}

/** What stands in a client certificate. */
export class ClientCertificateView {
  @ApiProperty({ type: String, example: 'CN=relay of acme' })
  subject!: string;

  @ApiProperty({ type: String, description: 'SHA-256 of the certificate' })
  fingerprint!: string;

  @ApiProperty({ type: String, format: 'date-time' })
  expiresAt!: string;
}

/** What of a subscription's secrets may be shown: kept beside the encrypted texts, so that none is opened for it. */
export interface Disclosed {
  /** With which an ed25519 signature is verified, `whpk_…`. */
  publicKey?: string | undefined;
  headerNames?: string[];
  auth?: AuthView | undefined;
  clientCertificate?: ClientCertificateView | undefined;
}

const shownFields: Readonly<Record<EndpointAuth['type'], readonly string[]>> = {
  basic: ['username'],
  bearer: [],
  oauth2ClientCredentials: ['tokenUrl', 'clientId', 'scope', 'audience', 'clientAuthentication'],
  oauth1: ['consumerKey', 'signatureMethod', 'realm'],
};

export function disclosedAuth(auth: EndpointAuth): AuthView {
  const shown = ['type', ...shownFields[auth.type]];
  return Object.fromEntries(
    Object.entries(auth).filter(([name]) => shown.includes(name)),
  ) as unknown as AuthView;
}

export function disclosedCertificate({ certificatePem }: ClientCertificate): ClientCertificateView {
  const { subject, fingerprint256, validTo } = new X509Certificate(certificatePem);
  return {
    subject: subject.replaceAll('\n', ', '),
    fingerprint: fingerprint256,
    expiresAt: new Date(validTo).toISOString(),
  };
}
