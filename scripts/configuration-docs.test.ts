import { readFileSync } from 'node:fs';
import { expect, it } from '@jest/globals';
import { configurationDocs } from './configuration-docs.js';

it('docs/configuration.md and .env.example say what the configuration tables say (npm run docs writes them)', () => {
  const { page, example } = configurationDocs();
  expect(readFileSync('docs/configuration.md', 'utf8')).toBe(page);
  expect(readFileSync('.env.example', 'utf8')).toBe(example);
});
