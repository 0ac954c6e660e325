import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import {
  ArrayMaxSize,
  ArrayMinSize,
  IsArray,
  IsObject,
  IsOptional,
  Matches,
  ValidateNested,
} from 'class-validator';
import { CredentialFields } from '../credentials/credential-fields.js';
import type { FieldValues } from '#libs/event';
import { all, MayBeLeftOut } from '../http/field-checks.js';

const maxFieldChanges = 50;

const Domain = (): PropertyDecorator =>
  all(
    IsOptional(),
    IsArray({ message: 'must be an Odoo domain, a list such as [["state", "=", "sale"]], or null for none' }),
  );

const FieldChanges = (): PropertyDecorator =>
  all(
    IsOptional(),
    IsArray({ message: 'must be a list such as [{"field": "state", "to": "sale"}], or null for none' }),
    ArrayMinSize(1, { message: 'must name at least one field, or be null' }),
    ArrayMaxSize(maxFieldChanges, { message: `must name at most ${String(maxFieldChanges)} fields` }),
    ValidateNested({ each: true, message: 'must hold objects such as {"field": "state"}' }),
    Type(() => FieldChangeBody),
  );

const valueDocumentation = {
  description: 'a value, or a list of which it is one: false for empty',
  oneOf: [
    { type: 'string' },
    { type: 'number' },
    { type: 'boolean' },
    { type: 'array', items: { oneOf: [{ type: 'string' }, { type: 'number' }, { type: 'boolean' }] } },
  ],
};

export class FieldChangeBody {
  @ApiProperty({ type: String, example: 'state', description: 'a field, or a relation that changes carry' })
  @Matches(/^[A-Za-z_][A-Za-z0-9_]{0,62}$/, { message: 'must be the name of a field' })
  field!: string;

  @ApiPropertyOptional({ ...valueDocumentation, example: 'draft' })
  @MayBeLeftOut()
  from?: FieldValues;

  @ApiPropertyOptional({ ...valueDocumentation, example: 'sale' })
  @MayBeLeftOut()
  to?: FieldValues;
}

/** Which changes of its event types a subscription is about; null takes a condition away. */
export class ListeningFields extends CredentialFields {
  @ApiPropertyOptional({
    type: 'array',
    items: {},
    nullable: true,
    example: ['&', ['state', '=', 'sale'], ['order_line.product_id', 'in', [42, 43]]],
    description:
      'an Odoo domain: only changes for which it holds. Fields are those of the record after the change (of a delete before it), `before.<field>`, `changed`, and of the relations that changes carry',
  })
  @Domain()
  filter?: unknown[] | null;

  @ApiPropertyOptional({
    type: [FieldChangeBody],
    nullable: true,
    description: 'of updates only those in which at least one of these happened',
  })
  @FieldChanges()
  fieldChanges?: FieldChangeBody[] | null;

  @ApiPropertyOptional({
    type: Object,
    nullable: true,
    example: {
      fields: ['name', { field: 'amount_total', as: 'total' }],
      included: {
        order_line: {
          as: 'lines',
          fields: ['product_id', 'product_uom_qty'],
          filter: [['product_id', '=', 42]],
        },
      },
      language: 'fr_FR',
      companyId: 1,
    },
    description:
      'what of a change the bodies hold: fields and relations, chosen, renamed and filtered; texts in a language; values of a company, whose records alone it gets; null for the whole record',
  })
  @all(
    IsOptional(),
    IsObject({ message: 'must be an object such as {"fields": ["name"]}, or null for the whole record' }),
  )
  shape?: object | null;
}
