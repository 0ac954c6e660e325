import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import {
  ArrayMaxSize,
  ArrayMinSize,
  ArrayUnique,
  IsArray,
  IsIn,
  IsObject,
  IsOptional,
  IsString,
  Matches,
  MaxLength,
  ValidateNested,
} from 'class-validator';
import { bodyFormats, type BodyFormat, type SignatureKind } from '#libs/subscription';
import { Signature, signatureDocumentation } from '../credentials/credential-fields.js';
import { Cursor, PageQuery } from '../http/cursors.js';
import { all, MayBeLeftOut } from '../http/field-checks.js';
import { ListeningFields } from '../listening/listening-fields.js';
import { DeliverySettingsBody } from '../settings/delivery-settings-body.js';

export const subscriptionIdPattern = /^sub_[0-9a-z]{26}$/;

const maxEventTypes = 50;
const maxNameLength = 128;
const maxUrlLength = 2048;

const EventTypes = (): PropertyDecorator =>
  all(
    IsArray({ message: 'must be a list of event types: see GET /v1/event-types' }),
    ArrayMinSize(1, { message: 'must name at least one event type: see GET /v1/event-types' }),
    ArrayMaxSize(maxEventTypes, { message: `must name at most ${String(maxEventTypes)} event types` }),
    IsString({ each: true, message: 'must hold the names of event types, as texts' }),
    ArrayUnique({ message: 'must name each event type once' }),
    MaxLength(maxNameLength, {
      each: true,
      message: `must hold names of at most ${String(maxNameLength)} characters`,
    }),
  );

const Format = (): PropertyDecorator =>
  all(
    IsIn(bodyFormats, { message: `must be one of ${bodyFormats.map((format) => `"${format}"`).join(', ')}` }),
  );

const Url = (): PropertyDecorator =>
  all(
    IsString({ message: 'must be the http:// or https:// URL that deliveries are posted to' }),
    MaxLength(maxUrlLength, { message: `must have at most ${String(maxUrlLength)} characters` }),
  );

const Settings = (): PropertyDecorator =>
  all(
    IsOptional(),
    IsObject({ message: 'must be an object' }),
    ValidateNested({ message: 'must be an object' }),
    Type(() => DeliverySettingsBody),
  );

const eventTypesDocumentation = {
  type: String,
  isArray: true,
  minItems: 1,
  maxItems: maxEventTypes,
  example: ['product.created'],
  description: 'names of GET /v1/event-types; the first that matches a change names its delivery',
};
const formatDocumentation = { enum: bodyFormats, default: 'json', description: 'of the bodies' };
const urlDocumentation = {
  type: String,
  maxLength: maxUrlLength,
  example: 'https://shop.example/hooks/odoo',
  description:
    'http or https, without user name and password; a private address only where ALLOWED_RECEIVERS names it',
};
const settingsDocumentation = {
  type: DeliverySettingsBody,
  description: "what differs from the database's settings",
};

export class CreateSubscriptionBody extends ListeningFields {
  @ApiPropertyOptional({ type: String, default: 'default', description: 'the application that owns it' })
  @Matches(/^[A-Za-z0-9_-]{1,64}$/, { message: 'must be the id of an application, e.g. "default"' })
  @MayBeLeftOut()
  applicationId?: string;

  @ApiProperty({ type: String, example: 'acme', description: 'slug of the Odoo database' })
  @IsString({ message: 'must be the slug of an Odoo database' })
  database!: string;

  @ApiProperty(eventTypesDocumentation)
  @EventTypes()
  eventTypes!: string[];

  @ApiPropertyOptional(formatDocumentation)
  @Format()
  @MayBeLeftOut()
  format?: BodyFormat;

  @ApiProperty(urlDocumentation)
  @Url()
  url!: string;

  @ApiPropertyOptional(settingsDocumentation)
  @Settings()
  settings?: DeliverySettingsBody | null;

  @ApiPropertyOptional({ ...signatureDocumentation, default: 'hmac' })
  @Signature()
  signature?: SignatureKind;

  @ApiPropertyOptional({
    type: String,
    description:
      'a signing secret of your own, whsec_ and 24 to 64 bytes in base64, or whsk_ and an ed25519 key; generated where left out',
  })
  @IsString({ message: 'must be a text' })
  @MayBeLeftOut()
  secret?: string;

  @ApiPropertyOptional({
    enum: ['current-state'],
    description: 'sends each record as it is now, too, beside what changes from now on',
  })
  @IsIn(['current-state'], {
    message: 'must be "current-state"; left out, only what changes from now on comes',
  })
  @MayBeLeftOut()
  startWith?: 'current-state';
}

/** Only what is given is changed. */
export class ChangeSubscriptionBody extends ListeningFields {
  @ApiPropertyOptional(eventTypesDocumentation)
  @EventTypes()
  @MayBeLeftOut()
  eventTypes?: string[];

  @ApiPropertyOptional({ ...formatDocumentation, default: undefined })
  @Format()
  @MayBeLeftOut()
  format?: BodyFormat;

  @ApiPropertyOptional(urlDocumentation)
  @Url()
  @MayBeLeftOut()
  url?: string;

  @ApiPropertyOptional(settingsDocumentation)
  @Settings()
  settings?: DeliverySettingsBody | null;
}

export class ListSubscriptionsQuery extends PageQuery {
  @ApiPropertyOptional({ type: String, description: 'only those of this database' })
  @IsString({ message: 'must be given once' })
  @MayBeLeftOut()
  database?: string;

  @ApiPropertyOptional({ type: String, description: 'only those of this application' })
  @Matches(/^[\x21-\x7e]{0,64}$/, { message: 'must be the id of an application, given once' })
  @MayBeLeftOut()
  applicationId?: string;

  @Cursor(subscriptionIdPattern)
  cursor?: string;
}
