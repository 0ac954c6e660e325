import type { FieldError } from '../http/problem.js';
import type { ControlRules } from '../subscriptions/subscription-checks.js';

/** What only the configuration can tell. */
export function applicationErrors(
  given: { databases?: readonly string[] | null; models?: readonly string[] | null },
  { databases, models }: ControlRules,
): FieldError[] {
  return [
    ...unknown('databases', given.databases, { known: databases, setting: 'DATABASES' }),
    ...unknown('models', given.models, { known: models, setting: 'MODELS' }),
  ];
}

function unknown(
  field: string,
  given: readonly string[] | null | undefined,
  { known, setting }: { known: readonly string[]; setting: string },
): FieldError[] {
  return (given ?? [])
    .filter((name) => !known.includes(name))
    .map((name) => ({
      field,
      code: `unknown_${field.slice(0, -1)}`,
      message: `holds "${name.slice(0, 64)}": known are ${known.join(', ')} (${setting} of the control app)`,
    }));
}
