import { Controller, Delete, Get, HttpCode, Inject, Param, Query } from '@nestjs/common';
import {
  ApiBearerAuth,
  ApiNoContentResponse,
  ApiOkResponse,
  ApiOperation,
  ApiParam,
  ApiTags,
} from '@nestjs/swagger';
import { By, type Principal } from '../access/principal.js';
import { ForEveryApplication } from '../access/scope-guard.js';
import { applicationOf } from '../access/tenancy.js';
import { defaultPageSize, pageOf } from '../http/cursors.js';
import { AnswersProblems } from '../http/problem-responses.js';
import { Problem } from '../http/problem.js';
import { consentIdPattern, ConsentPage, consentViewOf, ListConsentsQuery } from './consent-bodies.js';
import { Consents } from './consents.js';

@ApiTags('Applications')
@ApiBearerAuth()
@Controller('v1/consents')
export class ConsentsController {
  constructor(@Inject(Consents) private readonly consents: Consents) {}

  @Get()
  @ForEveryApplication()
  @ApiOperation({
    summary: 'List what accounts have allowed applications, page by page',
    description:
      'Tokens of OAuth 1.0a and grants of OAuth 2 that are good; an application sees what it was allowed.',
  })
  @ApiOkResponse({ type: ConsentPage })
  @AnswersProblems(422)
  async list(@By() by: Principal, @Query() query: ListConsentsQuery): Promise<ConsentPage> {
    const { applicationId, accountId, cursor, limit = defaultPageSize } = query;
    const own = applicationOf(by);
    // Of another one, an application is shown what it has: nothing.
    const rows =
      own !== undefined && applicationId !== undefined && applicationId !== own
        ? []
        : await this.consents.list({ applicationId: own ?? applicationId, accountId }, { cursor, limit });
    const { shown, nextCursor } = pageOf(rows, limit, ({ id }) => id);
    return { data: shown.map(consentViewOf), nextCursor };
  }

  @Delete(':id')
  @ForEveryApplication()
  @HttpCode(204)
  @ApiOperation({
    summary: 'Take back what an account has allowed an application',
    description: 'Each token that came of it is refused from the next request on. It can be allowed anew.',
  })
  @ApiParam({ name: 'id', type: String, description: 'o1t_… or gnt_…' })
  @ApiNoContentResponse()
  @AnswersProblems(404)
  async revoke(@By() by: Principal, @Param('id') id: string): Promise<void> {
    const filter = { id, applicationId: applicationOf(by) };
    if (!consentIdPattern.test(id) || !(await this.consents.revoke(filter))) {
      const shown = id.slice(0, 64);
      throw new Problem('consent_not_found', `there is no consent "${shown}": GET /v1/consents lists all`);
    }
  }
}
