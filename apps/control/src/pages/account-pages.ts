import { maxPasswordLength, minPasswordLength } from '../accounts/passwords.js';
import { otpauthUri } from '../accounts/totp.js';
import type { AccountRow } from '../persistence/account-rows.js';
import { errorOf, errorSummary, field, hiddenFields, type FormError } from './fields.js';
import { html, type Html } from './html.js';
import type { Page } from './page.js';
import { qrCode } from './qr-code.js';
import { titleOf } from './sign-in-pages.js';

const passwordHint = `At least ${String(minPasswordLength)} characters, at most ${String(maxPasswordLength)}. A few words are easier to remember than signs.`;

interface AccountForm {
  account: AccountRow;
  csrf: string;
  errors?: readonly FormError[];
  notice?: string | undefined;
}

export function accountPage({ account, csrf, errors = [], notice }: AccountForm): Page {
  const main = html`<h1>Your account</h1>
    ${errors.length === 0 && notice !== undefined && html`<p class="notice" role="status">${notice}</p>`}
    ${errorSummary(errors)}
    <section>
      <h2>Second step ${account.totpSecret === null ? stateMark('off') : stateMark('on')}</h2>
      ${account.totpSecret === null ? secondStepOff(csrf) : secondStepOn(account, csrf, errors)}
    </section>
    <section>
      <h2>Password</h2>
      ${account.passwordHash === null ? withoutPassword(account) : passwordForm(account, csrf, errors)}
    </section>
    <section>
      <h2>Applications</h2>
      <p class="lead">What may act in your name is listed, and can be taken back at any time.</p>
      <a class="button secondary" href="/account/applications">Allowed applications</a>
    </section>`;
  return { title: titleOf('Your account', errors), main, visitor: { email: account.email, csrf } };
}

function stateMark(state: 'on' | 'off'): Html {
  return html`<span class="state ${state}">${state}</span>`;
}

function secondStepOff(csrf: string): Html {
  return html`<p class="lead">
      After the password, a code from an authenticator app is asked for. Who learns your password alone cannot
      sign in.
    </p>
    <form method="post" action="/account/second-step/begin">
      ${hiddenFields({ csrf })}
      <button type="submit">Set up</button>
    </form>`;
}

function secondStepOn({ recoveryHashes }: AccountRow, csrf: string, errors: readonly FormError[]): Html {
  const left = recoveryHashes.length;
  const codes = left === 1 ? '1 recovery code is left.' : `${String(left)} recovery codes are left.`;
  return html`<p class="lead">A code is asked for whenever you sign in with your password. ${codes}</p>
    <form method="post" action="/account/second-step/change" novalidate>
      ${hiddenFields({ csrf })}
      ${field({
        name: 'code',
        label: 'Code',
        hint: 'From your authenticator app, or a recovery code.',
        autocomplete: 'one-time-code',
        error: errorOf(errors, 'code'),
      })}
      <div class="actions">
        <button type="submit" class="secondary" name="change" value="codes">New recovery codes</button>
        <button type="submit" class="secondary" name="change" value="off">Turn off</button>
      </div>
    </form>`;
}

function withoutPassword({ externalIssuer }: AccountRow): Html {
  return html`<p class="lead">
    You sign in by ${externalIssuer ?? 'an external provider'}. There is no password here.
  </p>`;
}

function passwordForm({ email }: AccountRow, csrf: string, errors: readonly FormError[]): Html {
  return html`<p class="lead">A new one signs you out everywhere else.</p>
    <form method="post" action="/account/password" novalidate>
      ${hiddenFields({ csrf })} ${usernameFor(email)}
      ${field({
        name: 'current',
        label: 'Current password',
        type: 'password',
        autocomplete: 'current-password',
        error: errorOf(errors, 'current'),
      })}
      ${newPasswordFields(errors)}
      <button type="submit">Change password</button>
    </form>`;
}

/** Tells a password manager whose password it is. */
function usernameFor(email: string): Html {
  return html`<input type="hidden" name="username" value="${email}" autocomplete="username" />`;
}

function newPasswordFields(errors: readonly FormError[]): readonly Html[] {
  const type = 'password';
  const autocomplete = 'new-password';
  return [
    field({
      ...{ name: 'password', label: 'New password', type, autocomplete },
      hint: passwordHint,
      error: errorOf(errors, 'password'),
    }),
    field({
      ...{ name: 'again', label: 'New password, once more', type, autocomplete },
      error: errorOf(errors, 'again'),
    }),
  ];
}

export function setUpPage(form: AccountForm & { secret: string }): Page {
  const { account, csrf, errors = [], secret } = form;
  const uri = otpauthUri(secret, account.email);
  const spaced = secret.match(/.{1,4}/g)?.join(' ') ?? secret;
  const main = html`<h1>Set up the second step</h1>
    ${errorSummary(errors)}
    <p>Scan this with an authenticator app on your phone, or enter the key by hand.</p>
    <div class="setup">
      ${qrCode(uri, 'QR code of the key beside it')}
      <div>
        <p class="hint">Key</p>
        <p><code>${spaced}</code></p>
        <p><a href="${uri}">Open in an app on this device</a></p>
      </div>
    </div>
    <form method="post" action="/account/second-step" novalidate>
      ${hiddenFields({ csrf })}
      ${field({
        name: 'code',
        label: 'Code',
        hint: 'The six digits that the app now shows.',
        autocomplete: 'one-time-code',
        inputMode: 'numeric',
        error: errorOf(errors, 'code'),
        autofocus: true,
      })}
      <div class="actions">
        <button type="submit">Turn on</button>
        <a class="button secondary" href="/account">Not now</a>
      </div>
    </form>`;
  return { title: titleOf('Set up the second step', errors), main, visitor: { email: account.email, csrf } };
}

export function recoveryCodesPage(form: AccountForm & { codes: readonly string[] }): Page {
  const { account, csrf, codes } = form;
  const main = html`<h1>Keep your recovery codes</h1>
    <p class="warning">
      These are shown <strong>this once</strong>. Print them, or keep them in a password manager.
    </p>
    <p>Should you lose your phone, each of them lets you in once, in place of a code from the app.</p>
    <ul class="codes">
      ${codes.map((code) => html`<li><code>${code}</code></li>`)}
    </ul>
    <a class="button" href="/account">I have kept them</a>`;
  return { title: 'Keep your recovery codes', main, visitor: { email: account.email, csrf } };
}

export function invitationPage(form: AccountForm & { action: string }): Page {
  const { account, csrf, action, errors = [] } = form;
  const main = html`<h1>Welcome to Odoo Relay</h1>
    ${errorSummary(errors)}
    <p>Set a password for <strong class="name">${account.email}</strong>.</p>
    <form method="post" action="${action}" novalidate>
      ${hiddenFields({ csrf })} ${usernameFor(account.email)} ${newPasswordFields(errors)}
      <button class="wide" type="submit">Set password</button>
    </form>`;
  return { title: titleOf('Set your password', errors), main };
}
