import 'reflect-metadata';
import { readFileSync, writeFileSync } from 'node:fs';
import { apiTypes, apiTypesFile, declaredDocument } from './api-client.js';
import { chartFolder, chartReadme, chartSchema, chartTopics } from './chart-docs.js';
import { configurationDocs } from './configuration-docs.js';
import { metricsDocs } from './metrics-docs.js';

const { page, example } = configurationDocs();
writeFileSync('docs/configuration.md', page);
writeFileSync('.env.example', example);
writeFileSync('docs/metrics.md', metricsDocs());

const readOfChart = (file: string): string => readFileSync(`${chartFolder}/${file}`, 'utf8');
writeFileSync(`${chartFolder}/README.md`, chartReadme(readOfChart('README.md'), readOfChart('values.yaml')));
writeFileSync(`${chartFolder}/values.schema.json`, chartSchema(readOfChart('values.schema.json')));
writeFileSync(`${chartFolder}/files/topics.json`, chartTopics());

writeFileSync(apiTypesFile, await apiTypes(await declaredDocument()));
