import 'reflect-metadata';
import { writeFileSync } from 'node:fs';
import { apiTypes, apiTypesFile, declaredDocument } from './api-client.js';
import { configurationDocs } from './configuration-docs.js';
import { metricsDocs } from './metrics-docs.js';

const { page, example } = configurationDocs();
writeFileSync('docs/configuration.md', page);
writeFileSync('.env.example', example);
writeFileSync('docs/metrics.md', metricsDocs());
writeFileSync(apiTypesFile, await apiTypes(await declaredDocument()));
