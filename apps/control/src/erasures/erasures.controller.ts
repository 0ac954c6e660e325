import { Body, Controller, Get, Inject, Param, Post, Query } from '@nestjs/common';
import {
  ApiBearerAuth,
  ApiCreatedResponse,
  ApiOkResponse,
  ApiOperation,
  ApiParam,
  ApiTags,
} from '@nestjs/swagger';
import { By, type Principal } from '../access/principal.js';
import { defaultPageSize } from '../http/cursors.js';
import { Problem } from '../http/problem.js';
import { AnswersProblems, bodyProblems } from '../http/problem-responses.js';
import { ControlRules, databaseErrors } from '../subscriptions/subscription-checks.js';
import {
  CreateErasureBody,
  erasureIdPattern,
  ErasurePage,
  ErasureView,
  ListErasuresQuery,
} from './erasure-views.js';
import { Erasures } from './erasures.js';

@ApiTags('Erasures')
@ApiBearerAuth()
@Controller('v1/erasures')
export class ErasuresController {
  constructor(
    @Inject(Erasures) private readonly erasures: Erasures,
    @Inject(ControlRules) private readonly rules: ControlRules,
  ) {}

  @Post()
  @ApiOperation({
    summary: "Erase what is kept of records' deliveries",
    description:
      'What endpoints answered, and the errors, are gone from the history; outcomes and times stay. With very many ' +
      'attempts that goes on in the background, through restarts: the answer comes when it has ended, or after 2 s ' +
      'with `"state": "running"`, and `GET /v1/erasures/{id}` tells the rest. To ask again does no harm. Dead ' +
      'letters of changes up to now are not sent again, and lie in their topic until its retention is over ' +
      '(30 days). Erase the record in Odoo first: the topics follow Odoo, and keep its history for a time.',
  })
  @ApiCreatedResponse({ type: ErasureView })
  @AnswersProblems(...bodyProblems)
  async create(@By() by: Principal, @Body() { database, records }: CreateErasureBody): Promise<ErasureView> {
    const errors = databaseErrors(database, this.rules.databases);
    if (errors.length > 0 && !(await this.erasures.hasDatabase(database))) {
      throw Problem.ofFields(errors);
    }
    return this.erasures.erase(by, database, records);
  }

  @Get()
  @ApiOperation({
    summary: 'List what was erased, when and on whose request, the latest first, page by page',
  })
  @ApiOkResponse({ type: ErasurePage })
  @AnswersProblems(422)
  list(@Query() { cursor, limit = defaultPageSize }: ListErasuresQuery): Promise<ErasurePage> {
    return this.erasures.list({ cursor, limit });
  }

  @Get(':id')
  @ApiOperation({ summary: 'Read what was erased, and how far that is' })
  @ApiParam({ name: 'id', type: String, description: 'id of the erasure, ers_…' })
  @ApiOkResponse({ type: ErasureView })
  @AnswersProblems(404)
  async read(@Param('id') id: string): Promise<ErasureView> {
    const found = erasureIdPattern.test(id) ? await this.erasures.find(id) : undefined;
    if (found === undefined) {
      const shown = id.slice(0, 64);
      throw new Problem('erasure_not_found', `there is no erasure "${shown}": GET /v1/erasures lists all`);
    }
    return found;
  }
}
