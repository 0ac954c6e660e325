/** Text that may stand in a page as it is; made by `html` alone. */
export class Html {
  constructor(readonly text: string) {}
}

type Shown = Html | string | number | undefined | false | readonly Html[];

const escapes: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/**
 * A piece of a page. Whatever is put in is escaped, unless it was made by `html` too; undefined and false are
 * nothing. Attributes must stand in double quotes.
 */
export function html(pieces: TemplateStringsArray, ...values: readonly Shown[]): Html {
  return new Html(pieces.reduce((text, piece, index) => text + textOf(values[index - 1]) + piece));
}

function textOf(value: Shown): string {
  if (value === undefined || value === false) {
    return '';
  }
  if (value instanceof Html) {
    return value.text;
  }
  return typeof value === 'object'
    ? value.map((each) => each.text).join('')
    : String(value).replace(/[&<>"']/g, (character) => escapes[character] ?? '');
}
