import { carriedNames, partsOf, textsOf, type Column, type DeclaredPart } from '#libs/change';
import { bindDomain, parseDomain, type DomainProblem, type Parsed } from '#libs/domain';
import { wellFormed } from './event.js';
import { recordScope, type ColumnsOfModel } from './scopes.js';
import type { ChosenField, Shape, ShapedRelation } from './shape.js';

export const shapeLimits = { fields: 300, relations: 20, nameLength: 100 } as const;

const fieldPattern = /^[A-Za-z_][A-Za-z0-9_]{0,62}$/;
const languagePattern = /^[a-z]{2,3}(_[A-Z0-9]{2,3})?(@[A-Za-z]+)?$/;
/** Brackets would end a name in forms; XML has neither controls nor the last two, and two names could become one. */
// eslint-disable-next-line no-control-regex -- what no format can hold is the very point
const unfitInName = /[[\]\0-\x1f\ufffe\uffff]/;
const parts = ['fields', 'included', 'language', 'companyId'];

/**
 * Reads a shape as the API takes it: `fields` hold names or `{"field", "as"}`, `included` has for each relation true
 * or `{"as", "fields", "filter"}`. What is left out is as if there were no shape.
 */
export function parseShape(given: unknown): Parsed<Shape> {
  const reader = new ShapeReader();
  const value = reader.shape(given);
  return reader.problems.length === 0
    ? { kind: 'ok', value }
    : { kind: 'refused', problems: reader.problems };
}

class ShapeReader {
  readonly problems: DomainProblem[] = [];

  shape(given: unknown): Shape {
    const whole = this.object('', given, parts, 'a shape is an object such as {"fields": ["name"]}');
    const { language = null, companyId = null } = whole;
    const fields = this.fields('fields', whole['fields']);
    const included = this.included(whole['included']);
    this.requireDistinct('included', [...(fields ?? []), ...Object.values(included ?? {})]);
    if (language !== null && !(typeof language === 'string' && languagePattern.test(language))) {
      this.refuse('language', 'a language is a code of Odoo such as "fr_FR"');
    }
    if (companyId !== null && !(Number.isSafeInteger(companyId) && Number(companyId) > 0)) {
      this.refuse('companyId', 'a company is the id of one, a whole number');
    }
    return { fields, included, language: language as string | null, companyId: companyId as number | null };
  }

  private fields(position: string, given: unknown): ChosenField[] | null {
    if (given === undefined || given === null) {
      return null;
    }
    if (!Array.isArray(given) || given.length === 0 || given.length > shapeLimits.fields) {
      this.refuse(position, `fields are a list of 1 to ${shapeLimits.fields} names, or of {"field", "as"}`);
      return null;
    }
    const chosen = given.map((one: unknown, index) => this.field(`${position}[${index}]`, one));
    this.requireDistinct(position, chosen);
    return chosen;
  }

  private field(position: string, given: unknown): ChosenField {
    const message = 'a field is a name, or {"field": "amount_total", "as": "total"}';
    const { field, as = field } =
      typeof given === 'string' ? { field: given } : this.object(position, given, ['field', 'as'], message);
    if (typeof field !== 'string' || !fieldPattern.test(field)) {
      this.refuse(position, message);
    }
    return { field: String(field), as: this.name(`${position}.as`, as) };
  }

  private included(given: unknown): Record<string, ShapedRelation> | null {
    if (given === undefined || given === null) {
      return null;
    }
    const message = 'included is an object with relations, e.g. {"order_line": true}; {} for none';
    const relations = Object.entries(this.object('included', given, undefined, message));
    if (relations.length > shapeLimits.relations) {
      this.refuse('included', `at most ${shapeLimits.relations} relations are included`);
    }
    return Object.fromEntries(relations.map(([name, wanted]) => [name, this.relation(name, wanted)]));
  }

  private relation(name: string, given: unknown): ShapedRelation {
    const position = `included.${name}`;
    if (!fieldPattern.test(name)) {
      this.refuse(position, 'a relation is a name such as order_line');
    }
    const message = 'a relation is true or {"as": "lines", "fields": […], "filter": […]}';
    const wanted = given === true ? {} : this.object(position, given, ['as', 'fields', 'filter'], message);
    const { as = name, filter = null } = wanted;
    const parsed = filter === null ? undefined : parseDomain(filter);
    if (parsed?.kind === 'refused') {
      parsed.problems.forEach((problem) => {
        this.refuse(`${position}.filter${problem.position}`, problem.message);
      });
    }
    return {
      as: this.name(`${position}.as`, as),
      fields: this.fields(`${position}.fields`, wanted['fields']),
      filter,
    };
  }

  private name(position: string, given: unknown): string {
    if (
      typeof given !== 'string' ||
      given === '' ||
      given.length > shapeLimits.nameLength ||
      given === '__proto__' ||
      unfitInName.test(given)
    ) {
      const message = `a name in the body has 1 to ${shapeLimits.nameLength} characters, and no bracket or control among them`;
      this.refuse(position, message);
    }
    return String(given);
  }

  private requireDistinct(position: string, named: readonly { as: string }[]): void {
    const names = named.map(({ as }) => wellFormed(as));
    const twice = names.find((name, index) => names.indexOf(name) !== index);
    if (twice !== undefined) {
      this.refuse(position, `two things would be called ${JSON.stringify(twice)} in the body`);
    }
  }

  private object(
    position: string,
    given: unknown,
    known: readonly string[] | undefined,
    message: string,
  ): Record<string, unknown> {
    if (typeof given !== 'object' || given === null || Array.isArray(given)) {
      this.refuse(position, message);
      return {};
    }
    const unknown = known && Object.keys(given).find((name) => !known.includes(name));
    if (unknown !== undefined) {
      this.refuse(position === '' ? unknown : `${position}.${unknown}`, `is not known here: ${message}`);
    }
    return given as Record<string, unknown>;
  }

  private refuse(position: string, message: string): void {
    this.problems.push({ position, message });
  }
}

/** What a shape asks for and changes of a model with these columns do not have. */
export function shapeProblems(
  { fields, included }: Shape,
  model: string,
  columns: ReadonlyMap<string, Column>,
  columnsOf: ColumnsOfModel,
): readonly DomainProblem[] {
  const unknownFields = (fields ?? []).flatMap(({ field }, index) =>
    columns.has(field)
      ? []
      : [{ position: `fields[${index}]`, message: `${model} has no captured field ${field}` }],
  );
  const ofRelations = Object.entries(included ?? {}).flatMap(([name, relation]) => {
    const position = `included.${name}`;
    const part = partsOf(model).find(({ field }) => field === name);
    if (part !== undefined) {
      return relationProblems(position, relation, part, columnsOf(part.part));
    }
    if (!textsOf(model).some((text) => text.name === name)) {
      return [{ position, message: `changes of ${model} do not carry ${name}` }];
    }
    return relation.fields === null && relation.filter === null
      ? []
      : [{ position, message: `${name} is a text: it has no fields and no filter` }];
  });
  return [...unknownFields, ...(included === null ? takenNames(fields ?? [], model) : []), ...ofRelations];
}

/** All that a change carries stands in the body where nothing of it is chosen. */
function takenNames(fields: readonly ChosenField[], model: string): DomainProblem[] {
  const taken = carriedNames(model);
  return fields.flatMap(({ as }, index) =>
    taken.has(as)
      ? [
          {
            position: `fields[${index}].as`,
            message: `${as} is what changes of ${model} carry beside the record: choose another name, or what of that is included`,
          },
        ]
      : [],
  );
}

function relationProblems(
  position: string,
  { fields, filter }: ShapedRelation,
  part: DeclaredPart,
  columns: ReadonlyMap<string, Column> | undefined,
): DomainProblem[] {
  const isKnown = (field: string): boolean =>
    columns === undefined || columns.has(field) || part.related.some(({ name }) => name === field);
  const unknown = (fields ?? []).flatMap(({ field }, index) =>
    isKnown(field)
      ? []
      : [
          {
            position: `${position}.fields[${index}]`,
            message: `${part.part} has no captured field ${field}`,
          },
        ],
  );
  const parsed = filter === null ? undefined : parseDomain(filter);
  const bound =
    parsed?.kind === 'ok'
      ? bindDomain(parsed.value, recordScope(part.part, part.related, columns))
      : undefined;
  const ofFilter = bound?.kind === 'refused' ? bound.problems : [];
  return [
    ...unknown,
    ...ofFilter.map((problem) => ({ ...problem, position: `${position}.filter${problem.position}` })),
  ];
}
