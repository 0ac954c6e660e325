import type { Request } from 'express';
import type { Visitors } from '../accounts/visitors.js';
import { bytesOf } from '../http/request-bytes.js';
import { messagePage } from './message-page.js';
import type { Page } from './page.js';

/** Of our forms the largest has some fields of a few hundred characters, and a path to go on to. */
const maxFormBytes = 32 * 1024;

/** Thrown to answer with a page that says what is wrong. */
export class PageRefused extends Error {
  override readonly name = 'PageRefused';

  constructor(
    readonly status: number,
    readonly page: Page,
  ) {
    super(page.title);
  }
}

/**
 * The fields of a form that a page of ours has sent.
 * @throws PageRefused for anything else
 */
export async function readOwnForm(
  request: Request,
  visitors: Pick<Visitors, 'isOwnForm'>,
): Promise<URLSearchParams> {
  const form = await readForm(request);
  if (!visitors.isOwnForm(request, form)) {
    throw refused(
      403,
      'The form has expired',
      'It was open for too long, or was not sent by this site. Go back, load the page again and send it once more. Cookies must be allowed, and the address of the page must be the one in PUBLIC_URL.',
    );
  }
  return form;
}

/** Whoever sent it. @throws PageRefused for what is no form */
export async function readForm(request: Request): Promise<URLSearchParams> {
  if (typeof request.is('application/x-www-form-urlencoded') !== 'string') {
    throw refused(415, 'That is not a form', 'Go back to the page and send its form.');
  }
  return new URLSearchParams(await textOf(request));
}

async function textOf(request: Request): Promise<string> {
  const bytes = await bytesOf(request, maxFormBytes);
  if (bytes === undefined) {
    throw refused(413, 'That is too much', 'The form is larger than any of ours.');
  }
  return bytes.toString('utf8');
}

function refused(status: number, title: string, text: string): PageRefused {
  return new PageRefused(status, messagePage({ title, text }));
}
