import { writeFileSync } from 'node:fs';
import { configurationDocs } from './configuration-docs.js';

const { page, example } = configurationDocs();
writeFileSync('docs/configuration.md', page);
writeFileSync('.env.example', example);
