import { errorOf, errorSummary, field, hiddenFields, type FormError } from './fields.js';
import { html, type Html } from './html.js';
import { withNext } from './next-path.js';
import type { Page } from './page.js';

interface SignInForm {
  csrf: string;
  next: string | undefined;
  email?: string;
  errors?: readonly FormError[];
  /** What the external provider is called on its button, where there is one. */
  provider?: string | undefined;
  notice?: string | undefined;
}

/** After signing in people go on to an application, which may be anywhere. */
const formsLeadAway = true;

export function signInPage(form: SignInForm): Page {
  const { csrf, next, email = '', errors = [], provider, notice } = form;
  const main = html`<h1>Sign in</h1>
    ${errors.length === 0 && notice !== undefined && html`<p class="notice" role="status">${notice}</p>`}
    ${errorSummary(errors)}
    <form method="post" action="/sign-in" novalidate>
      ${hiddenFields({ csrf, next })}
      ${field({
        name: 'email',
        label: 'E-mail address',
        type: 'email',
        inputMode: 'email',
        autocomplete: 'username',
        value: email,
        error: errorOf(errors, 'email'),
        autofocus: email === '',
      })}
      ${field({
        name: 'password',
        label: 'Password',
        type: 'password',
        autocomplete: 'current-password',
        error: errorOf(errors, 'password'),
        autofocus: email !== '',
      })}
      <button class="wide" type="submit">Sign in</button>
    </form>
    ${provider !== undefined && externalButton(provider, { csrf, next })}
    <p class="note">No account, or the password is lost? Ask an administrator for an invitation.</p>`;
  return { title: titleOf('Sign in', errors), main, formsLeadAway };
}

function externalButton(provider: string, values: { csrf: string; next: string | undefined }): Html {
  return html`<p class="or">or</p>
    <form method="post" action="/sign-in/external">
      ${hiddenFields(values)}
      <button class="wide secondary" type="submit">Sign in with ${provider}</button>
    </form>`;
}

export function codePage(form: {
  csrf: string;
  next: string | undefined;
  errors?: readonly FormError[];
}): Page {
  const { csrf, next, errors = [] } = form;
  const main = html`<h1>Enter your code</h1>
    ${errorSummary(errors)}
    <form method="post" action="/sign-in/code" novalidate>
      ${hiddenFields({ csrf, next })}
      ${field({
        name: 'code',
        label: 'Code',
        hint: 'The six digits your authenticator app shows, or one of your recovery codes.',
        autocomplete: 'one-time-code',
        error: errorOf(errors, 'code'),
        autofocus: true,
      })}
      <button class="wide" type="submit">Go on</button>
    </form>
    <p class="note">
      Neither at hand? An administrator can reset your account.
      <a href="${withNext('/sign-in', next)}">Begin anew</a>
    </p>`;
  return { title: titleOf('Enter your code', errors), main, formsLeadAway };
}

/** The title is what is read out first. */
export function titleOf(title: string, errors: readonly FormError[]): string {
  return errors.length === 0 ? title : `Error: ${title}`;
}

export function waitText(seconds: number): string {
  const minutes = Math.ceil(seconds / 60);
  const time =
    seconds < 90
      ? `${String(seconds)} ${seconds === 1 ? 'second' : 'seconds'}`
      : `${String(minutes)} minutes`;
  return `There were too many tries. Try again in ${time}.`;
}
