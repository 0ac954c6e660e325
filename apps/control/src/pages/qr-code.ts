import { encode } from 'uqr';
import { html, type Html } from './html.js';

const quietModules = 4;

/** As a picture in the page: dark on white also where the page is dark, since cameras expect that. */
export function qrCode(text: string, label: string): Html {
  const { data, size } = encode(text, { ecc: 'M', border: quietModules });
  const path = data
    .flatMap((row, y) => row.map((dark, x) => (dark ? `M${String(x)} ${String(y)}h1v1h-1z` : '')))
    .join('');
  return html`<svg
    class="qr"
    viewBox="0 0 ${size} ${size}"
    role="img"
    aria-label="${label}"
    shape-rendering="crispEdges"
  >
    <path d="${path}" fill="#000000" />
  </svg>`;
}
