import { parseUrl } from '#libs/process';
import type { Scope } from '../access/principal.js';
import { hiddenFields } from './fields.js';
import { html, type Html } from './html.js';
import type { Page } from './page.js';

export interface Consent {
  applicationName: string;
  /** Its own page, shown for what its host is called. */
  applicationUrl?: string | undefined;
  scopes: readonly Scope[];
  /** Null is all, here and of the next two. */
  databases: readonly string[] | null;
  models: readonly string[] | null;
  companyIds: readonly number[] | null;
  /** Path that the answer is posted to: field `decision` is "allow" or "deny". */
  action: string;
  csrf: string;
  /** Sent along as they are. */
  hidden: Readonly<Record<string, string>>;
  /** Who is asked. */
  email?: string | undefined;
}

export const scopeWords: Readonly<Record<Scope, { what: string; more: string }>> = {
  'subscriptions:read': {
    what: 'See its subscriptions',
    more: 'what it is told of, where that is sent, and whether it arrives',
  },
  'subscriptions:write': {
    what: 'Subscribe to changes',
    more: 'have what changes in Odoo sent to addresses it names, and change or end that',
  },
  'deliveries:read': {
    what: 'See what was delivered',
    more: 'each attempt with its request and its answer, so the data of the records too',
  },
  replay: {
    what: 'Have data sent again',
    more: 'past changes and records as they are now',
  },
  admin: {
    what: 'Administer Odoo Relay',
    more: 'everything you may do yourself: applications, accounts, settings, data of all databases',
  },
};

/** Asks whether an application may have what it asks for, in plain words. */
export function consentPage(consent: Consent): Page {
  const { applicationName, applicationUrl, action, csrf, hidden, scopes, email } = consent;
  const main = html`<h1>Allow <strong class="name">${applicationName}</strong> access?</h1>
    ${applicationLink(applicationUrl)}
    ${email !== undefined && html`<p>You are signed in as <strong class="name">${email}</strong>.</p>`}
    ${scopes.includes('admin') && adminWarning}
    <h2>It will be able to</h2>
    ${scopes.length === 0 ? html`<p>only know that you have an account here.</p>` : scopeList(scopes)}
    <h2>With data of</h2>
    ${grantList(consent)}
    <form method="post" action="${action}" class="decision">
      ${hiddenFields({ ...hidden, csrf })}
      <button type="submit" name="decision" value="allow">Allow</button>
      <button type="submit" name="decision" value="deny" class="secondary">Deny</button>
    </form>
    <p class="note">
      Allow only what you know and trust. You and any administrator can take it back at any time.
    </p>`;
  return { title: `Allow ${applicationName} access?`, main, formsLeadAway: true };
}

const adminWarning = html`<div class="warning" role="note">
  <strong>This is full access.</strong> The application could do everything that an administrator can.
</div>`;

/** Only a link to the web: an address such as `javascript:` never becomes one. */
function applicationLink(given: string | undefined): Html | undefined {
  const url = given === undefined ? undefined : parseUrl(given);
  return url?.protocol === 'https:' || url?.protocol === 'http:'
    ? html`<p class="origin">
        <a href="${url.href}" rel="noopener noreferrer nofollow" target="_blank">${url.host}</a>
      </p>`
    : undefined;
}

function scopeList(scopes: readonly Scope[]): Html {
  return html`<ul class="scopes">
    ${scopes.map((scope) => {
      const { what, more } = scopeWords[scope];
      return html`<li><strong>${what}</strong><span>${more}</span></li>`;
    })}
  </ul>`;
}

function grantList({ databases, models, companyIds }: Consent): Html {
  return html`<dl class="grant">
    <dt>${databases?.length === 1 ? 'Database' : 'Databases'}</dt>
    <dd>${databases === null ? 'all' : databases.join(', ') || 'none'}</dd>
    <dt>Models</dt>
    <dd>${models === null ? 'all that are captured' : models.join(', ') || 'none'}</dd>
    <dt>Companies</dt>
    <dd>${companyIds === null ? 'all' : companyNumbers(companyIds)}</dd>
  </dl>`;
}

function companyNumbers(ids: readonly number[]): string {
  return ids.length === 0 ? 'none' : `only those with the ids ${ids.join(', ')}`;
}
