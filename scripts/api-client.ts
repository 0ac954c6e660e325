import { NestFactory } from '@nestjs/core';
import openapiTypescript, { astToString, type OpenAPI3 } from 'openapi-typescript';
import { format, resolveConfig } from 'prettier';
import { HealthState } from '#libs/process';
import { ControlModule, type ControlParts } from '../apps/control/src/control.module.js';
import { apiDocument } from '../apps/control/src/http/documentation.js';

export const apiTypesFile = 'libs/client/src/api.ts';

/** The types of the client, from what the API says of itself. */
export async function apiTypes(document: object): Promise<string> {
  const plain = JSON.parse(JSON.stringify(document)) as OpenAPI3;
  // What has a default may be left out all the same.
  const types = astToString(await openapiTypescript(plain, { defaultNonNullable: false }));
  const text = `// Made from the API's OpenAPI document by \`npm run docs\`.\n\n${types}`;
  return format(text, { ...(await resolveConfig(apiTypesFile)), filepath: apiTypesFile });
}

/** The document as control serves it. The controllers' declarations are all it takes; their parts are never asked. */
export async function declaredDocument(): Promise<object> {
  const health = new HealthState();
  const special: Readonly<Record<string | symbol, unknown>> = { health, metrics: undefined };
  const parts = new Proxy({}, { get: (_, name) => (Object.hasOwn(special, name) ? special[name] : {}) });
  const module = ControlModule.of(parts as ControlParts);
  return apiDocument(await NestFactory.create(module, { logger: false, abortOnError: false }));
}
