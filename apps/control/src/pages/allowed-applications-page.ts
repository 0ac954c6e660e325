import type { Consent } from '../consents/consents.js';
import { scopeWords } from './consent-page.js';
import { hiddenFields } from './fields.js';
import { html, type Html } from './html.js';
import type { Page } from './page.js';

export interface AllowedApplications {
  consents: readonly Consent[];
  email: string;
  csrf: string;
  notice?: string | undefined;
}

const day = new Intl.DateTimeFormat('en-GB', { dateStyle: 'long', timeZone: 'UTC' });

/** What a person has allowed, with a button at each that takes it back. */
export function allowedApplicationsPage({ consents, email, csrf, notice }: AllowedApplications): Page {
  const title = 'Applications you have allowed';
  const main = html`<h1>${title}</h1>
    ${notice !== undefined && html`<p class="notice" role="status">${notice}</p>`}
    ${consents.length === 0 && html`<p>None has access in your name.</p>`}
    ${consents.map((consent) => allowed(consent, csrf))}
    <p class="note"><a href="/account">Back to your account</a></p>`;
  return { title, main, visitor: { email, csrf } };
}

function allowed({ id, applicationName, scopes, createdAt, lastUsedAt }: Consent, csrf: string): Html {
  const what = scopes.map((scope) => scopeWords[scope].what);
  const used = lastUsedAt === null ? 'never used' : `last used on ${day.format(lastUsedAt)}`;
  return html`<section>
    <h2><strong class="name">${applicationName}</strong></h2>
    <p class="lead">Allowed on ${day.format(createdAt)}, ${used}.</p>
    ${
      what.length > 0 &&
      html`<ul class="allowed">
        ${what.map((one) => html`<li>${one}</li>`)}
      </ul>`
    }
    <form method="post" action="/account/applications">
      ${hiddenFields({ csrf, id })}
      <button type="submit" class="secondary" aria-label="Take back what ${applicationName} was allowed">
        Take back
      </button>
    </form>
  </section>`;
}
