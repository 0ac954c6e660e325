import { describe, expect, it } from '@jest/globals';
import { html } from './html.js';

describe('a piece of a page', () => {
  it('escapes what is put in, in text and in attributes', () => {
    const given = `<script>alert("1" & '2')</script>`;
    expect(html`<p title="${given}">${given}</p>`.text).toBe(
      '<p title="&lt;script&gt;alert(&quot;1&quot; &amp; &#39;2&#39;)&lt;/script&gt;">' +
        '&lt;script&gt;alert(&quot;1&quot; &amp; &#39;2&#39;)&lt;/script&gt;</p>',
    );
  });

  it('takes other pieces as they are, one or several, and nothing for what is not there', () => {
    const items = ['a', '<b>'].map((each) => html`<li>${each}</li>`);
    expect(
      html`<ul>
        ${items}
      </ul>`.text.replaceAll(/\s+/g, ''),
    ).toBe('<ul><li>a</li><li>&lt;b&gt;</li></ul>');
    expect(html`${undefined}${false}${html`<hr />`}${0}`.text).toBe('<hr />0');
  });
});
