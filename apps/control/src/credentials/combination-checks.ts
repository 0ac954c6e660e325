import type { SubscriptionRow } from '../persistence/rows.js';
import type { FieldError } from '../http/problem.js';

/** What does not fit together in a subscription as it would stand. */
export function combinationErrors({
  url,
  disclosed,
}: Pick<SubscriptionRow, 'url' | 'disclosed'>): FieldError[] {
  const { headerNames = [], auth, clientCertificate } = disclosed;
  const errors: FieldError[] = [];
  if (auth !== undefined && headerNames.some((name) => name.toLowerCase() === 'authorization')) {
    const message = 'must not hold "Authorization" beside auth, which sets it: give one of them';
    errors.push({ field: 'headers', code: 'invalid', message });
  }
  if (clientCertificate !== undefined && !/^https:/i.test(url)) {
    const message = 'is of use with https:// only: give such a url, or take the certificate away with null';
    errors.push({ field: 'clientCertificate', code: 'invalid', message });
  }
  return errors;
}
