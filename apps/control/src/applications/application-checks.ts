import { checkUrl, type AllowList } from '#libs/outbound';
import type { FieldError } from '../http/problem.js';
import type { ControlRules } from '../subscriptions/subscription-checks.js';

/** What only the configuration can tell. */
export function applicationErrors(
  given: {
    databases?: readonly string[] | null;
    models?: readonly string[] | null;
    noticeUrl?: string | null;
  },
  { databases, models, allowList }: ControlRules,
): FieldError[] {
  return [
    ...unknown('databases', given.databases, { known: databases, setting: 'DATABASES' }),
    ...unknown('models', given.models, { known: models, setting: 'MODELS' }),
    ...noticeUrlErrors(given.noticeUrl, allowList),
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

/** What its name resolves to is checked whenever it is dialled. */
function noticeUrlErrors(url: string | null | undefined, allowList: AllowList): FieldError[] {
  const check = url == null ? undefined : checkUrl(url, allowList);
  return check?.kind === 'refused'
    ? [{ field: 'noticeUrl', code: 'bad_url', message: `is refused: ${check.reason}` }]
    : [];
}
