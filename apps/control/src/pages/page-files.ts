import { createHash } from 'node:crypto';
import type { RequestHandler } from 'express';
import { icon, stylesheet } from './stylesheet.js';

const maxAgeS = 31_536_000;

/** The name changes with the content, so that a browser may keep a file for ever. */
function pathOf(content: string, extension: string): string {
  const digest = createHash('sha256').update(content).digest('hex').slice(0, 12);
  return `/pages/${digest}.${extension}`;
}

export const stylesheetPath = pathOf(stylesheet, 'css');
export const iconPath = pathOf(icon, 'svg');

const files = new Map([
  [stylesheetPath, { type: 'text/css; charset=utf-8', content: stylesheet }],
  [iconPath, { type: 'image/svg+xml', content: icon }],
]);

/** The files that pages are made of. */
export const servePageFiles: RequestHandler = (request, response, next) => {
  const file = request.method === 'GET' ? files.get(request.path) : undefined;
  if (file === undefined) {
    next();
    return;
  }
  response.set({
    'content-type': file.type,
    'cache-control': `public, max-age=${String(maxAgeS)}, immutable`,
    'x-content-type-options': 'nosniff',
    'content-security-policy': "default-src 'none'",
  });
  response.end(file.content);
};
