/** One file for all pages; light or dark as the reader's system is. */
export const stylesheet = `
:root {
  color-scheme: light dark;
  --ground: #f3f4f7;
  --card: #ffffff;
  --text: #1c2230;
  --soft: #5a6376;
  --line: #d5d9e2;
  --field: #ffffff;
  --field-line: #8189999c;
  --accent: #5b3fd6;
  --accent-over: #4a31b8;
  --on-accent: #ffffff;
  --bad: #b3261e;
  --bad-ground: #fdf0ef;
  --good: #17663a;
  --good-ground: #ecf7f0;
  --warn-ground: #fff6e0;
  --warn-line: #c98a00;
  --focus: #5b3fd6;
}
@media (prefers-color-scheme: dark) {
  :root {
    --ground: #12141b;
    --card: #1b1f29;
    --text: #e9ebf1;
    --soft: #a5adbd;
    --line: #323848;
    --field: #12151d;
    --field-line: #5b647a;
    --accent: #a292ff;
    --accent-over: #b9adff;
    --on-accent: #16112e;
    --bad: #ff9b93;
    --bad-ground: #33191a;
    --good: #83d6a6;
    --good-ground: #14291e;
    --warn-ground: #2f2510;
    --warn-line: #d9a02b;
    --focus: #b9adff;
  }
}
* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; }
body {
  margin: 0;
  min-height: 100vh;
  padding: 0 1rem 3rem;
  background: var(--ground);
  color: var(--text);
  font: 1rem/1.55 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", "Liberation Sans", sans-serif;
}
.top {
  display: flex;
  flex-wrap: wrap;
  gap: 0.5rem 1rem;
  align-items: center;
  justify-content: space-between;
  max-width: 32rem;
  margin: 0 auto;
  padding: 2.5rem 0.25rem 1.25rem;
}
.brand { display: flex; align-items: center; gap: 0.6rem; font-weight: 650; letter-spacing: -0.01em; }
.visitor { display: flex; align-items: center; gap: 0.75rem; min-width: 0; }
.visitor button { flex: none; }
.visitor .email { color: var(--soft); font-size: 0.9rem; overflow-wrap: anywhere; }
.card {
  max-width: 32rem;
  margin: 0 auto;
  padding: 2rem;
  background: var(--card);
  border: 1px solid var(--line);
  border-radius: 14px;
  box-shadow: 0 1px 2px #00000010, 0 8px 28px #0000000d;
}
h1 { margin: 0 0 1.1rem; font-size: 1.5rem; line-height: 1.25; letter-spacing: -0.015em; font-weight: 650; overflow-wrap: anywhere; }
h2 { margin: 1.75rem 0 0.5rem; font-size: 1.05rem; line-height: 1.35; font-weight: 650; }
p { margin: 0 0 1rem; }
a { color: var(--accent); text-underline-offset: 0.15em; }
a:hover { color: var(--accent-over); }
.name { overflow-wrap: anywhere; }
.lead, .note, .origin { color: var(--soft); }
.note { margin: 1.25rem 0 0; font-size: 0.9rem; }
.origin { margin-top: -0.85rem; }
section + section { margin-top: 2rem; padding-top: 0.25rem; border-top: 1px solid var(--line); }
.field { margin: 0 0 1.15rem; }
label { display: block; margin-bottom: 0.3rem; font-weight: 600; }
.hint { margin: -0.15rem 0 0.4rem; color: var(--soft); font-size: 0.9rem; }
.error { margin: -0.1rem 0 0.4rem; color: var(--bad); font-size: 0.92rem; font-weight: 600; }
input:not([type="hidden"]) {
  width: 100%;
  min-height: 2.85rem;
  padding: 0.5rem 0.8rem;
  color: inherit;
  background: var(--field);
  border: 1px solid var(--field-line);
  border-radius: 8px;
  font: inherit;
}
input[aria-invalid] { border-color: var(--bad); box-shadow: inset 0 0 0 1px var(--bad); }
input[autocomplete="one-time-code"] { font-variant-numeric: tabular-nums; letter-spacing: 0.08em; }
button, .button {
  display: inline-flex;
  align-items: center;
  justify-content: center;
  min-height: 2.85rem;
  padding: 0.5rem 1.3rem;
  color: var(--on-accent);
  background: var(--accent);
  border: 1px solid transparent;
  border-radius: 8px;
  font: inherit;
  font-weight: 600;
  text-decoration: none;
  cursor: pointer;
}
button:hover, .button:hover { background: var(--accent-over); color: var(--on-accent); }
.wide { width: 100%; }
.actions { display: flex; flex-wrap: wrap; gap: 0.75rem; }
.secondary { color: var(--text); background: transparent; border-color: var(--field-line); }
.secondary:hover { color: var(--text); background: var(--ground); }
.quiet { min-height: 2.25rem; padding: 0.2rem 0.8rem; color: var(--text); background: transparent; border-color: var(--line); font-size: 0.9rem; }
.quiet:hover { color: var(--text); background: var(--card); }
:focus-visible { outline: 3px solid var(--focus); outline-offset: 2px; }
.or { display: flex; align-items: center; gap: 0.8rem; margin: 1.25rem 0; color: var(--soft); font-size: 0.9rem; }
.or::before, .or::after { content: ""; flex: 1; border-top: 1px solid var(--line); }
.summary, .notice, .warning { margin: 0 0 1.5rem; padding: 0.85rem 1rem; border-radius: 8px; border: 1px solid; }
.summary { color: var(--bad); background: var(--bad-ground); border-color: var(--bad); }
.summary h2 { margin: 0 0 0.2rem; font-size: 1rem; }
.summary ul { margin: 0; padding: 0; list-style: none; }
.summary a { color: inherit; }
.notice { color: var(--good); background: var(--good-ground); border-color: var(--good); }
.warning { background: var(--warn-ground); border-color: var(--warn-line); }
.scopes { margin: 0; padding: 0; list-style: none; border: 1px solid var(--line); border-radius: 10px; }
.scopes li { position: relative; padding: 0.7rem 1rem 0.7rem 2.6rem; }
.scopes li + li { border-top: 1px solid var(--line); }
.scopes li::before { content: "✓"; position: absolute; left: 1rem; color: var(--accent); font-weight: 700; }
.scopes span { display: block; color: var(--soft); font-size: 0.92rem; }
.allowed { margin: 0 0 1rem; padding-left: 1.25rem; }
.grant { display: grid; grid-template-columns: max-content 1fr; gap: 0.35rem 1.25rem; margin: 0; }
.grant dt { color: var(--soft); }
.grant dd { margin: 0; overflow-wrap: anywhere; }
.decision { display: grid; grid-template-columns: 1fr 1fr; gap: 0.75rem; margin-top: 1.75rem; }
.setup { display: grid; grid-template-columns: max-content 1fr; gap: 1.5rem; align-items: center; margin: 1.25rem 0; }
.qr { display: block; width: 11rem; height: 11rem; padding: 0.6rem; background: #ffffff; border: 1px solid var(--line); border-radius: 10px; }
code { font-family: ui-monospace, "SF Mono", Menlo, Consolas, "Liberation Mono", monospace; font-size: 0.95em; overflow-wrap: anywhere; }
.codes { display: grid; grid-template-columns: repeat(auto-fill, minmax(12rem, 1fr)); gap: 0.5rem; margin: 0 0 1.25rem; padding: 1rem; list-style: none; background: var(--ground); border: 1px solid var(--line); border-radius: 10px; }
.codes code { white-space: nowrap; }
.state { display: inline-block; padding: 0.05rem 0.6rem; border: 1px solid; border-radius: 99px; font-size: 0.82rem; font-weight: 600; vertical-align: 0.12em; }
.state.on { color: var(--good); background: var(--good-ground); }
.state.off { color: var(--soft); }
@media (max-width: 30rem) {
  body { padding: 0 0.75rem 2rem; }
  .top { padding-top: 1.25rem; }
  .card { padding: 1.35rem 1.15rem; }
  .setup { grid-template-columns: 1fr; }
  .qr { margin: 0 auto; }
}
@media (forced-colors: active) {
  .card, button, .button, .summary, .notice, .warning { border: 1px solid; }
}
`;

/** A change that goes out to three readers. */
export const icon = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32" width="32" height="32">
<rect width="32" height="32" rx="9" fill="#5b3fd6"/>
<g fill="none" stroke="#fff" stroke-width="2.2" stroke-linecap="round">
<path d="M10 16h12M11.5 14.5 21 8.5M11.5 17.5l9.5 6"/></g>
<g fill="#fff"><circle cx="9" cy="16" r="3.4"/><circle cx="22.5" cy="8" r="2.4"/><circle cx="23.5" cy="16" r="2.4"/><circle cx="22.5" cy="24" r="2.4"/></g>
</svg>`;
