import { html } from './html.js';
import type { Page } from './page.js';

/** A page that only says something, such as what went wrong. */
export function messagePage({ title, text }: { title: string; text: string }): Page {
  return {
    title,
    main: html`<h1>${title}</h1>
      <p>${text}</p>`,
  };
}
