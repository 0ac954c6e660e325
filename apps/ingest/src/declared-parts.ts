import { createHash } from 'node:crypto';
import { tableOf } from '#libs/change';
import { outboxTables } from './outbox-slots.js';

/**
 * A relation of a model whose records travel with it in `included`, and whose changes are changes of it:
 * the records of `part` that point to it with `link`.
 */
export interface DeclaredPart {
  whole: string;
  /** The name of the relation: key in `included`, entry of `changed`. */
  field: string;
  part: string;
  /** The column of the part that holds the id of the whole. */
  link: string;
  /** Columns of the part by which its records are sorted. */
  order: readonly string[];
  /** What is told of records that the part points to. */
  related: readonly RelatedText[];
}

/** A text of another record: the column `text` of the last table of a chain of many2one columns. */
export interface RelatedText {
  name: string;
  /** Column and model of each step, beginning at the part. */
  path: readonly { column: string; model: string }[];
  text: string;
}

/** Texts of records that a model's own records point to: they travel in `included`, too. */
export interface DeclaredTexts {
  model: string;
  related: readonly RelatedText[];
}

const toProduct = { column: 'product_id', model: 'product.product' };
const toTemplate = { column: 'product_tmpl_id', model: 'product.template' };

const productTexts: readonly RelatedText[] = [
  { name: 'product_default_code', path: [toProduct], text: 'default_code' },
  { name: 'product_name', path: [toProduct, toTemplate], text: 'name' },
];

export const declaredParts: readonly DeclaredPart[] = [
  {
    whole: 'sale.order',
    field: 'order_line',
    part: 'sale.order.line',
    link: 'order_id',
    order: ['sequence', 'id'],
    related: productTexts,
  },
  {
    whole: 'stock.picking',
    field: 'move_ids',
    part: 'stock.move',
    link: 'picking_id',
    order: ['sequence', 'id'],
    related: productTexts,
  },
];

const partnerName: RelatedText = {
  name: 'partner_name',
  path: [{ column: 'partner_id', model: 'res.partner' }],
  text: 'name',
};

export const declaredTexts: readonly DeclaredTexts[] = ['sale.order', 'stock.picking', 'account.move'].map(
  (model) => ({ model, related: [partnerName] }),
);

const wholeTables = [...new Set(declaredParts.map(({ whole }) => tableOf(whole)))];
const condition = `relation in (${wholeTables.map((table) => `'${table}'`).join(', ')})`;
const indexColumns = '(relation, record_id, sequence)';
/** Changes with columns and tables, so that an index for others is not taken for this one. */
const indexSuffix = `wholes_${createHash('sha256')
  .update(indexColumns + condition)
  .digest('hex')
  .slice(0, 6)}`;

/** Finds the next change of a whole in the outbox; rows of other tables are not in it and pay nothing. */
export const partIndexSql = `
do $$
declare
    slot text;
    stale text;
begin
    foreach slot in array array[${outboxTables.map((table) => `'${table}'`).join(', ')}] loop
        if to_regclass('relay.' || slot || '_${indexSuffix}') is null then
            execute format('create index %I on relay.%I ${indexColumns} where ${condition.replaceAll("'", "''")}',
                slot || '_${indexSuffix}', slot);
        end if;
        for stale in select indexname from pg_indexes where schemaname = 'relay' and tablename = slot
                and indexname ~ '_wholes' and indexname <> slot || '_${indexSuffix}' loop
            execute format('drop index relay.%I', stale);
        end loop;
    end loop;
end
$$`;
