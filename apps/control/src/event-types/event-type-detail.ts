import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsIn, IsString } from 'class-validator';
import type { Column } from '#libs/change';
import { bodySchema, contentTypeOf, exampleEvent, renderBody, type EventType } from '#libs/event';
import { bodyFormats, type BodyFormat } from '#libs/subscription';
import { MayBeLeftOut } from '../http/field-checks.js';
import { EventTypeView, viewOf } from './event-type-bodies.js';

export const eventXsdPath = '/v1/schemas/event.xsd';

export class EventTypeQuery {
  @ApiPropertyOptional({
    type: String,
    description: 'of whose columns the bodies are; may be left out where there is but one',
  })
  @IsString({ message: 'must be given once' })
  @MayBeLeftOut()
  database?: string;

  @ApiPropertyOptional({ enum: bodyFormats, default: 'json' })
  @IsIn(bodyFormats, { message: `must be one of ${bodyFormats.join(', ')}` })
  @MayBeLeftOut()
  format?: BodyFormat;
}

/** An event type and what its bodies look like where no shape is asked for. */
export class EventTypeDetail extends EventTypeView {
  @ApiProperty({ enum: bodyFormats })
  format!: BodyFormat;

  @ApiProperty({ type: String, example: 'application/json' })
  contentType!: string;

  @ApiProperty({
    type: String,
    nullable: true,
    description:
      'a body with invented values; null where nothing of the model was captured, or none can be invented',
  })
  example!: string | null;

  @ApiProperty({ type: Object, nullable: true, description: 'JSON Schema (2020-12); null of xml and form' })
  schema!: Readonly<Record<string, unknown>> | null;

  @ApiProperty({
    type: String,
    nullable: true,
    description: 'where the XML Schema is; of xml',
    example: eventXsdPath,
  })
  xsd!: string | null;
}

export interface Described {
  database: string;
  format: BodyFormat;
  /** undefined where nothing of the model was captured yet. */
  columns: ReadonlyMap<string, Column> | undefined;
  own: boolean;
}

export function detailOf(type: EventType, { database, format, columns, own }: Described): EventTypeDetail {
  const example = columns && exampleEvent(type, database, columns);
  return Object.assign(viewOf(type, own), {
    format,
    contentType: contentTypeOf(format),
    example: example === undefined ? null : renderBody(example, format).toString('utf8'),
    schema: bodySchema(format, type, columns) ?? null,
    xsd: format === 'xml' ? eventXsdPath : null,
  });
}
