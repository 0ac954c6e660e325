import { html } from './html.js';
import type { Page } from './page.js';

export interface Message {
  title: string;
  text: string;
  /** Where to go on from here. */
  link?: { href: string; text: string };
}

/** A page that only says something, such as what went wrong. */
export function messagePage({ title, text, link }: Message): Page {
  const main = html`<h1>${title}</h1>
    <p>${text}</p>
    ${link && html`<a class="button" href="${link.href}">${link.text}</a>`}`;
  return { title, main };
}
