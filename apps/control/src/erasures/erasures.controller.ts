import { Body, Controller, Get, Inject, Post, Query } from '@nestjs/common';
import { ApiBearerAuth, ApiCreatedResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { By, type Principal } from '../access/principal.js';
import { defaultPageSize } from '../http/cursors.js';
import { Problem } from '../http/problem.js';
import { AnswersProblems, bodyProblems } from '../http/problem-responses.js';
import { ControlRules, databaseErrors } from '../subscriptions/subscription-checks.js';
import { CreateErasureBody, ErasurePage, ErasureView, ListErasuresQuery } from './erasure-views.js';
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
      'What endpoints answered, and the errors, are gone from the history at once; outcomes and times stay. Dead ' +
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
}
