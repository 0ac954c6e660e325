import type { INestApplication } from '@nestjs/common';
import { DocumentBuilder, SwaggerModule, type OpenAPIObject } from '@nestjs/swagger';
import { asOpenApi31 } from './open-api-31.js';
import { ProblemView } from './problem-responses.js';
import { withSharedAnswers } from './shared-answers.js';

const description = `Subscribe to what changes in Odoo: signed webhooks, in JSON or XML.

Every request says who makes it: \`Authorization: Bearer\` with the admin key, an API key of an application, or an
access token of OAuth 2; or it is signed as of OAuth 1.0a. Whatever is wrong is answered with a problem document
(RFC 9457) whose \`code\` is stable and whose \`detail\` says what to do. Lists come page by page, with \`limit\`,
\`cursor\` and \`nextCursor\`.`;

/** A page to read and try at /v1/docs, the document itself at /v1/openapi.json. */
export function serveDocumentation(app: INestApplication): void {
  SwaggerModule.setup('v1/docs', app, apiDocument(app), { jsonDocumentUrl: 'v1/openapi.json' });
}

/** OpenAPI 3.1, of the routes below /v1. */
export function apiDocument(app: INestApplication): OpenAPIObject {
  const outline = new DocumentBuilder()
    .setOpenAPIVersion('3.1.0')
    .setTitle('Odoo Relay: control')
    .setDescription(description)
    .setVersion('1')
    .addBearerAuth({
      type: 'http',
      scheme: 'bearer',
      description: 'the ADMIN_KEY, an API key, or an access token of OAuth 2',
    })
    .build();
  const document = SwaggerModule.createDocument(app, outline, {
    operationIdFactory: (controller, method) => `${controller.replace('Controller', '')}.${method}`,
    extraModels: [ProblemView],
  });
  const paths = Object.entries(document.paths).filter(([path]) => path.startsWith('/v1/'));
  return asOpenApi31(withSharedAnswers({ ...document, paths: Object.fromEntries(paths) }));
}
