import { html, type Html } from './html.js';

export interface Field {
  name: string;
  label: string;
  type?: 'text' | 'email' | 'password';
  /** What a password manager knows it by. */
  autocomplete: string;
  hint?: string;
  value?: string;
  error?: string | undefined;
  inputMode?: 'numeric' | 'email';
  autofocus?: boolean;
}

/** An input with its label; hint and error are read out with it. */
export function field(options: Field): Html {
  const { name, label, type = 'text', autocomplete, hint, value = '', error, inputMode, autofocus } = options;
  const described = [hint && `${name}-hint`, error && `${name}-error`].filter(Boolean).join(' ');
  return html`<div class="field">
    <label for="${name}">${label}</label>
    ${hint !== undefined && html`<p class="hint" id="${name}-hint">${hint}</p>`}
    ${error !== undefined && html`<p class="error" id="${name}-error">${error}</p>`}
    <input
      id="${name}"
      name="${name}"
      type="${type}"
      value="${value}"
      autocomplete="${autocomplete}"
      ${inputMode !== undefined && html`inputmode="${inputMode}"`}
      ${described !== '' && html`aria-describedby="${described}"`}
      ${error !== undefined && html`aria-invalid="true"`}
      ${autofocus === true && html`autofocus`}
      required
      autocapitalize="none"
      spellcheck="false"
    />
  </div>`;
}

export function hiddenFields(values: Readonly<Record<string, string | undefined>>): readonly Html[] {
  return Object.entries(values)
    .filter((entry): entry is [string, string] => entry[1] !== undefined)
    .map(([name, value]) => html`<input type="hidden" name="${name}" value="${value}" />`);
}

export interface FormError {
  /** The field it is of; without one it is of the whole form. */
  field?: string;
  text: string;
}

/** At the top of the page, for everybody and first for who has it read out. */
export function errorSummary(errors: readonly FormError[]): Html | undefined {
  return errors.length === 0
    ? undefined
    : html`<div class="summary" role="alert">
        <h2>There is a problem</h2>
        <ul>
          ${errors.map((error) => html`<li>${summaryLine(error)}</li>`)}
        </ul>
      </div>`;
}

function summaryLine({ field: name, text }: FormError): Html {
  return name === undefined ? html`${text}` : html`<a href="#${name}">${text}</a>`;
}

export function errorOf(errors: readonly FormError[], name: string): string | undefined {
  return errors.find((error) => error.field === name)?.text;
}
