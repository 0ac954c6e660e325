import { Controller, Get, Header } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import { OpenToAnybody } from '../access/scope-guard.js';
import { eventXsd } from '#libs/event';

/** What receivers check bodies with: for everybody, as their programs have no key. */
@ApiExcludeController()
@OpenToAnybody()
@Controller('v1/schemas')
export class SchemasController {
  @Get('event.xsd')
  @Header('content-type', 'application/xml; charset=utf-8')
  @Header('cache-control', 'public, max-age=3600')
  eventXsd(): string {
    return eventXsd;
  }
}
