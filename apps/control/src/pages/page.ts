import type { Response } from 'express';
import { html, type Html } from './html.js';
import { iconPath, stylesheetPath } from './page-files.js';

export interface Page {
  title: string;
  main: Html;
  /** Who is signed in; shown with a way out. */
  visitor?: { email: string; csrf: string } | undefined;
  /**
   * Browsers apply `form-action` to redirects too: a form whose answer leads on to an application, wherever that
   * is, must not be held to our own origin.
   */
  formsLeadAway?: boolean;
}

/** Of every page: nothing inline, nothing from elsewhere, in nobody's frame, in no cache. */
const headers: Readonly<Record<string, string>> = {
  'content-type': 'text/html; charset=utf-8',
  'cache-control': 'no-store',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  // Not "no-referrer": browsers would then send "Origin: null" with our own forms.
  'referrer-policy': 'same-origin',
  'permissions-policy': 'camera=(), microphone=(), geolocation=()',
};

const policy =
  "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; frame-ancestors 'none'";

export function sendPage(response: Response, page: Page, status = 200): void {
  const formAction = page.formsLeadAway === true ? '' : "; form-action 'self'";
  response.status(status);
  response.set({ ...headers, 'content-security-policy': policy + formAction });
  response.end(documentOf(page).text);
}

function documentOf({ title, main, visitor }: Page): Html {
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="robots" content="noindex" />
        <meta name="color-scheme" content="light dark" />
        <title>${title} – Odoo Relay</title>
        <link rel="icon" href="${iconPath}" type="image/svg+xml" />
        <link rel="stylesheet" href="${stylesheetPath}" />
      </head>
      <body>
        <header class="top">
          <span class="brand"><img src="${iconPath}" alt="" width="28" height="28" />Odoo Relay</span>
          ${visitor && signOut(visitor)}
        </header>
        <main class="card">${main}</main>
      </body>
    </html>`;
}

function signOut({ email, csrf }: { email: string; csrf: string }): Html {
  return html`<form class="visitor" method="post" action="/sign-out">
    <span class="email">${email}</span>
    <input type="hidden" name="csrf" value="${csrf}" />
    <button class="quiet" type="submit">Sign out</button>
  </form>`;
}
