import { partsOf } from '#libs/change';
import type { DomainProblem } from '#libs/domain';
import {
  eventTypeNamed,
  EventTest,
  fieldChangeProblems,
  Filter,
  parseShape,
  shapeProblems,
  type ColumnsOfModel,
  type EventType,
  type FieldChange,
  type Shape,
} from '#libs/event';
import type { FieldError } from '../http/problem.js';
import type { CapturedColumns, Columns } from './captured-columns.js';

/** What of a subscription says which changes it is about. */
export interface Listening {
  /** Whose it is. */
  applicationId: string;
  database: string;
  eventTypes: readonly string[];
  /** An Odoo domain; null: none. */
  filter: unknown;
  fieldChanges: readonly FieldChange[] | null;
  /** As the API takes it, or as it is kept; null: none. */
  shape: object | null;
}

/** Checks what is listened to against what is captured of its models. */
export class ListeningChecks {
  constructor(private readonly captured: CapturedColumns) {}

  /** `ownTypes`: the event types that the database has of its own. @throws RelayError REGISTRY_UNAVAILABLE */
  async errorsOf(listening: Listening, ownTypes: readonly EventType[]): Promise<FieldError[]> {
    if (listening.filter === null && listening.fieldChanges === null && listening.shape === null) {
      return [];
    }
    const errors: FieldError[] = [];
    for (const model of modelsOf(listening.eventTypes, ownTypes)) {
      errors.push(...(await this.errorsFor(model, listening)));
    }
    return errors;
  }

  /** Of an event type: its conditions, and the fields it speaks of. @throws RelayError REGISTRY_UNAVAILABLE */
  async errorsOfType(database: string, type: EventType): Promise<FieldError[]> {
    const columns = await this.captured.of(database, type.model);
    if (columns === undefined) {
      return [notCaptured('model', database, type.model)];
    }
    const test = EventTest.of(type);
    const problems = test.kind === 'ok' ? test.value.problemsWith(columns) : test.problems;
    return problems.map(({ position, message }) => ({ field: position, code: 'bad_condition', message }));
  }

  private async errorsFor(model: string, listening: Listening): Promise<FieldError[]> {
    const { database, filter, fieldChanges } = listening;
    const columns = await this.captured.of(database, model);
    if (columns === undefined) {
      const given = (['filter', 'fieldChanges', 'shape'] as const).find((part) => listening[part] !== null);
      return [notCaptured(given ?? 'filter', database, model)];
    }
    const columnsOf = await this.columnsOfParts(database, model);
    const changeErrors = (fieldChanges ?? []).flatMap((change, index) =>
      fieldChangeProblems(model, change, columns).map(
        errorAt(`fieldChanges[${String(index)}].`, 'bad_field_change'),
      ),
    );
    return [
      ...(filter === null ? [] : filterErrors(model, filter, columns, columnsOf)),
      ...changeErrors,
      ...(listening.shape === null ? [] : shapeErrors(model, listening.shape, columns, columnsOf)),
    ];
  }

  private async columnsOfParts(database: string, model: string): Promise<ColumnsOfModel> {
    const parts = new Map<string, Columns | undefined>();
    for (const { part } of partsOf(model)) {
      parts.set(part, await this.captured.of(database, part));
    }
    return (part) => parts.get(part);
  }
}

function filterErrors(
  model: string,
  given: unknown,
  columns: Columns,
  columnsOf: ColumnsOfModel,
): FieldError[] {
  const filter = Filter.of(model, given);
  const problems = filter.kind === 'ok' ? filter.value.problemsWith(columns, columnsOf) : filter.problems;
  return problems.map(errorAt('filter', 'bad_filter'));
}

function shapeErrors(
  model: string,
  given: object,
  columns: Columns,
  columnsOf: ColumnsOfModel,
): FieldError[] {
  const shape = parseShape(given);
  const problems =
    shape.kind === 'ok' ? shapeProblems(shape.value, model, columns, columnsOf) : shape.problems;
  return problems.map(({ position, message }) => ({
    field: position === '' ? 'shape' : `shape.${position}`,
    code: 'bad_shape',
    message,
  }));
}

function errorAt(prefix: string, code: string): (problem: DomainProblem) => FieldError {
  return ({ position, message }) => ({ field: prefix + position, code, message });
}

/** A shape that has been checked, in the form in which it is kept. */
export function keptShape(given: object | null): Shape | null {
  const shape = given === null ? undefined : parseShape(given);
  return shape?.kind === 'ok' ? shape.value : null;
}

/** The models whose changes bear these event types; names that nobody knows are told elsewhere. */
export function modelsOf(names: readonly string[], ownTypes: readonly EventType[]): ReadonlySet<string> {
  const types = names.map((name) => ownTypes.find((type) => type.name === name) ?? eventTypeNamed(name));
  return new Set(types.flatMap((type) => type?.model ?? []));
}

function notCaptured(field: string, database: string, model: string): FieldError {
  const message =
    `cannot be checked: nothing of ${model} in ${database} was captured yet, so its fields are not known; ` +
    'start ingest for it, or leave this out for now';
  return { field, code: 'not_captured', message };
}
