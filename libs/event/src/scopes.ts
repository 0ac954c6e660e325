import { partsOf, textsOf, type Column, type RelatedText, type Row, type Value } from '#libs/change';
import {
  related,
  type Field,
  type FieldType,
  type FieldValue,
  type RelationField,
  type Scope,
} from '#libs/domain';
import type { RelatedRecord } from './included.js';
import type { Subject } from './subject.js';

/** What filters can ask of a change: the fields of its record, `before.<field>`, `changed` and included relations. */

type Columns = ReadonlyMap<string, Column>;
/** The columns of other models, where they are known. */
export type ColumnsOfModel = (model: string) => Columns | undefined;

/** Whether an integer column is a many2one: as Odoo's own names are, and those it asks others to choose. */
const many2onePattern = /_u?id$/;

export function changeScope(
  model: string,
  columns: Columns,
  columnsOf: ColumnsOfModel = () => undefined,
): Scope<Subject> {
  const before = beforeScope(model, columns);
  const after = rowScope(model, columns, (subject) => subject.row);
  const parts = new Map(partsOf(model).map((part) => [part.field, part]));
  const texts = textsOf(model);
  const field: Scope<Subject>['field'] = (name) => {
    const part = parts.get(name);
    if (part !== undefined) {
      const scope = recordScope(part.part, part.related, columnsOf(part.part));
      return {
        kind: 'relation',
        ids: (subject) => subject.records(name).map(idOf),
        records: related(scope, (subject: Subject) => subject.records(name)),
      };
    }
    if (name === 'before') {
      return { kind: 'relation', ids: () => [], records: related(before, (subject: Subject) => [subject]) };
    }
    if (name === 'changed') {
      return { kind: 'names', read: (subject) => subject.change.changed ?? [] };
    }
    const found = after.field(name);
    return found.kind === 'relation' ? withTexts(name, texts, found) : found;
  };
  return { name: model, field };
}

export function beforeScope(model: string, columns: Columns): Scope<Subject> {
  return rowScope(model, columns, (subject) => subject.before);
}

function rowScope(name: string, columns: Columns, rowOf: (subject: Subject) => Row): Scope<Subject> {
  return {
    name,
    field: (field) => {
      const column = columns.get(field);
      return column === undefined ? unknownField(name, field) : columnField(column, rowOf);
    },
  };
}

function columnField(column: Column, rowOf: (subject: Subject) => Row): Field<Subject> | Refusal {
  const { name, kind } = column;
  const valueOf = (subject: Subject): Value => rowOf(subject)[name] ?? null;
  switch (kind) {
    case 'int':
    case 'long':
      return many2onePattern.test(name)
        ? { kind: 'relation', ids: (subject) => idsOf(valueOf(subject)), records: undefined }
        : numberField(valueOf);
    case 'float':
    case 'decimal':
      return numberField(valueOf);
    case 'boolean':
    case 'text':
    case 'date':
      return plainField(kind, valueOf);
    case 'timestamp':
      return plainField('datetime', valueOf);
    case 'json':
      return { kind: 'refused', reason: `${name} holds JSON, which has no order and no parts here` };
    case 'binary':
      return { kind: 'refused', reason: `${name} holds bytes, which cannot be compared` };
  }
}

function numberField(valueOf: (subject: Subject) => Value): Field<Subject> {
  return {
    kind: 'value',
    type: 'number',
    read: (subject) => {
      const value = valueOf(subject);
      return value === null ? null : Number(value);
    },
  };
}

function plainField(type: FieldType, valueOf: (subject: Subject) => Value): Field<Subject> {
  return { kind: 'value', type, read: (subject) => valueOf(subject) as FieldValue };
}

/** With the texts of the record that a many2one points to, where `included` carries some. */
function withTexts(
  column: string,
  texts: readonly RelatedText[],
  relation: RelationField<Subject>,
): RelationField<Subject> {
  const scope = textScope(column, texts);
  const hasNone = (subject: Subject): boolean => relation.ids(subject).length === 0;
  return {
    ...relation,
    records: scope && related(scope, (subject: Subject) => (hasNone(subject) ? [] : [subject.included])),
  };
}

/** `product_id.name` is the template's, which a product inherits, so only the first and the last step count. */
function textScope(column: string, texts: readonly RelatedText[]): Scope<RelatedRecord> | undefined {
  const reachable = texts.filter(({ path }) => path[0]?.column === column);
  if (reachable.length === 0) {
    return undefined;
  }
  return {
    name: column,
    field: (field) => {
      const found = reachable.find(({ text }) => text === field);
      if (found === undefined) {
        const known = reachable.map(({ text }) => `${column}.${text}`).join(' and ');
        return { kind: 'refused', reason: `a change does not carry ${column}.${field}, only ${known}` };
      }
      return { kind: 'value', type: 'text', read: (record) => jsonValue(record[found.name]) };
    },
  };
}

/** Records out of `included`: JSON, so that a value's type is only known by what it is compared with. */
export function recordScope(
  model: string,
  texts: readonly RelatedText[],
  columns: Columns | undefined,
): Scope<RelatedRecord> {
  return {
    name: model,
    field: (name) => {
      const isText = texts.some((text) => text.name === name);
      if (columns !== undefined && !columns.has(name) && !isText) {
        return unknownField(model, name);
      }
      if (many2onePattern.test(name) && !isText) {
        const scope = textScope(name, texts);
        const ids = (record: RelatedRecord): readonly number[] => idsOf(record[name]);
        return {
          kind: 'relation',
          ids,
          records:
            scope && related(scope, (record: RelatedRecord) => (ids(record).length === 0 ? [] : [record])),
        };
      }
      return { kind: 'value', type: 'unknown', read: (record) => jsonValue(record[name]) };
    },
  };
}

interface Refusal {
  kind: 'refused';
  reason: string;
}

function unknownField(model: string, field: string): Refusal {
  return { kind: 'refused', reason: `${model} has no captured field ${field}` };
}

function jsonValue(value: unknown): FieldValue {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? value : null;
}

function idOf(record: RelatedRecord): number {
  return Number(record['id']);
}

function idsOf(value: unknown): readonly number[] {
  return typeof value === 'number' || typeof value === 'bigint' ? [Number(value)] : [];
}
