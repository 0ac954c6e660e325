import type { Domain, Scalar } from './domain.js';
import { spanOf } from './moments.js';

/** That a field of the record itself has one of these values wherever the domain holds. */
export interface RequiredValues {
  field: string;
  values: readonly Scalar[];
}

/** Other numbers may be decimals, which rows keep as text. */
const idPattern = /^(?:id|.*_u?id)$/;

/**
 * A value without which a domain cannot hold, so that those who ask for another need not be asked; undefined where
 * there is none. Only values that are equal to the row's own: no false, which stands for all that is empty, and no
 * text that may be a moment.
 */
export function requiredValues(domain: Domain): RequiredValues | undefined {
  return allRequired(domain).toSorted((one, other) => one.values.length - other.values.length)[0];
}

function allRequired(domain: Domain): RequiredValues[] {
  if (domain.kind === 'and') {
    return domain.terms.flatMap(allRequired);
  }
  if (domain.kind !== 'condition' || (domain.operator !== '=' && domain.operator !== 'in')) {
    return [];
  }
  const { path, value } = domain;
  const [field = ''] = path;
  const values = value.kind === 'list' ? value.values : value.kind === 'scalar' ? [value.value] : [];
  const isFit = (one: Scalar): boolean =>
    typeof one === 'string'
      ? one !== '' && spanOf(one) === undefined
      : typeof one === 'number'
        ? one !== 0 && idPattern.test(field)
        : one;
  return path.length === 1 && field !== 'changed' && values.length > 0 && values.every(isFit)
    ? [{ field, values: [...new Set(values)] }]
    : [];
}
