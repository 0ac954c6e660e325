import { passwordProblem } from '../accounts/passwords.js';
import type { FormError } from './fields.js';

/** The new password of a form, typed twice, and what is wrong with it. */
export function newPasswordOf(
  form: URLSearchParams,
  email: string,
): { password: string; errors: readonly FormError[] } {
  const password = form.get('password') ?? '';
  const problem = passwordProblem(password, email);
  if (problem !== undefined) {
    return { password, errors: [{ field: 'password', text: `The new password ${problem}.` }] };
  }
  const isSame = password === form.get('again');
  return { password, errors: isSame ? [] : [{ field: 'again', text: 'The two passwords differ.' }] };
}
