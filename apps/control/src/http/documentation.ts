import type { INestApplication } from '@nestjs/common';
import { DocumentBuilder, SwaggerModule } from '@nestjs/swagger';

const description = `Subscribe to what changes in Odoo: signed webhooks, in JSON or XML.

Send the admin key with every request: \`Authorization: Bearer <ADMIN_KEY>\`. Whatever is wrong is answered with a
problem document (RFC 9457) whose \`code\` is stable and whose \`detail\` says what to do.`;

/** A page to read and try at /v1/docs, the document itself at /v1/openapi.json. */
export function serveDocumentation(app: INestApplication): void {
  const outline = new DocumentBuilder()
    .setTitle('Odoo Relay: control')
    .setDescription(description)
    .setVersion('1')
    .addBearerAuth({ type: 'http', scheme: 'bearer', description: 'the ADMIN_KEY' })
    .build();
  const document = SwaggerModule.createDocument(app, outline, {
    operationIdFactory: (controller, method) => `${controller.replace('Controller', '')}.${method}`,
  });
  SwaggerModule.setup('v1/docs', app, document, { jsonDocumentUrl: 'v1/openapi.json' });
}
