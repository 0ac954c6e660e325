import { Controller, Get, Inject, Query } from '@nestjs/common';
import { ApiBearerAuth, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { defaultPageSize } from '../http/cursors.js';
import { AnswersProblems } from '../http/problem-responses.js';
import { requireNone } from '../http/problem.js';
import { timeField } from '../http/time-field.js';
import { AuditLog } from './audit-log.js';
import { AuditLogPage, AuditLogQuery } from './audit-log-views.js';

@ApiTags('Audit log')
@ApiBearerAuth()
@Controller('v1/audit-log')
export class AuditLogController {
  constructor(@Inject(AuditLog) private readonly log: AuditLog) {}

  @Get()
  @ApiOperation({
    summary: 'Read who has changed what, and who was refused to, the latest first, page by page',
    description: 'For administrators, and applications with the scope `admin`.',
  })
  @ApiOkResponse({ type: AuditLogPage })
  @AnswersProblems(422)
  list(@Query() query: AuditLogQuery): Promise<AuditLogPage> {
    const since = timeField('since', query.since);
    const until = timeField('until', query.until);
    requireNone([...since.errors, ...until.errors]);
    const { principal, resource, cursor, limit = defaultPageSize } = query;
    return this.log.list({
      ...{ principal, resource, cursor, limit },
      sinceMs: since.timeMs,
      untilMs: until.timeMs,
    });
  }
}
