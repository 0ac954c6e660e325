import { Body, Controller, Delete, Get, HttpCode, Inject, Param, Patch, Post, Query } from '@nestjs/common';
import {
  ApiBearerAuth,
  ApiCreatedResponse,
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
import { AnswersProblems, bodyProblems } from '../http/problem-responses.js';
import { Problem, requireNone } from '../http/problem.js';
import {
  IfMatch,
  MayBeUnchanged,
  MayExpectVersion,
  showsVersion,
  type Precondition,
} from '../http/versions.js';
import { ControlRules } from '../subscriptions/subscription-checks.js';
import { ChangeApplicationBody, CreateApplicationBody, ListApplicationsQuery } from './application-bodies.js';
import { applicationErrors } from './application-checks.js';
import { ApplicationPage, ApplicationView, viewOf, WrittenApplicationView } from './application-view.js';
import { Applications, defaultApplication } from './applications.js';

export const applicationParameter = { name: 'id', type: String, description: 'id of the application, app_…' };

@ApiTags('Applications')
@ApiBearerAuth()
@Controller('v1/applications')
export class ApplicationsController {
  constructor(
    @Inject(Applications) private readonly applications: Applications,
    @Inject(ControlRules) private readonly rules: ControlRules,
  ) {}

  @Post()
  @ApiOperation({
    summary: 'Register an application',
    description:
      'It is approved. What it may see is all that is not named; POST /v1/applications/{id}/credentials gives it a key.',
  })
  @ApiCreatedResponse({ type: WrittenApplicationView, ...showsVersion })
  @AnswersProblems(...bodyProblems)
  async create(@Body() body: CreateApplicationBody): Promise<WrittenApplicationView> {
    requireNone(applicationErrors(body, this.rules));
    return this.applications.create(body);
  }

  @Get()
  @ForEveryApplication()
  @ApiOperation({ summary: 'List applications, page by page; an application sees itself' })
  @ApiOkResponse({ type: ApplicationPage })
  @AnswersProblems(422)
  async list(@By() by: Principal, @Query() query: ListApplicationsQuery): Promise<ApplicationPage> {
    const { state, cursor, limit = defaultPageSize } = query;
    const rows = await this.applications.list({ id: applicationOf(by), state, cursor, limit });
    const { shown, nextCursor } = pageOf(rows, limit, (row) => row.id);
    return { data: shown.map(viewOf), nextCursor };
  }

  @Get(':id')
  @ForEveryApplication()
  @ApiOperation({ summary: 'Read an application; one reads itself, also before it is approved' })
  @ApiParam(applicationParameter)
  @ApiOkResponse({ type: ApplicationView, ...showsVersion })
  @MayBeUnchanged()
  @AnswersProblems(404)
  async read(@By() by: Principal, @Param('id') id: string): Promise<ApplicationView> {
    requireOwn(by, id);
    const row = await this.applications.find(id);
    if (row === undefined) {
      throw noApplication(id);
    }
    return viewOf(row);
  }

  @Patch(':id')
  @ApiOperation({
    summary: 'Approve, reject or suspend an application, or change what it is and may see',
    description:
      'Holds for its subscriptions within a second: those that ask for what it was not granted are sent nothing.',
  })
  @ApiParam(applicationParameter)
  @ApiOkResponse({ type: WrittenApplicationView, ...showsVersion })
  @MayExpectVersion()
  @AnswersProblems(404, ...bodyProblems)
  async change(
    @Param('id') id: string,
    @Body() body: ChangeApplicationBody,
    @IfMatch() expected: Precondition,
  ): Promise<WrittenApplicationView> {
    requireNone(applicationErrors(body, this.rules));
    const changed = await this.applications.change(id, body, expected);
    if (changed === undefined) {
      throw noApplication(id);
    }
    return changed;
  }

  @Delete(':id')
  @HttpCode(204)
  @ApiOperation({ summary: 'Delete an application that has no subscription, and its credentials' })
  @ApiParam(applicationParameter)
  @ApiNoContentResponse()
  @MayExpectVersion()
  @AnswersProblems(404, 409)
  async delete(@Param('id') id: string, @IfMatch() expected: Precondition): Promise<void> {
    if (id === defaultApplication) {
      throw new Problem(
        'application_in_use',
        'the default application stays: subscriptions that name none are its',
      );
    }
    const removed = await this.applications.remove(id, expected);
    if (removed === 'unknown') {
      throw noApplication(id);
    }
    if (removed !== 'removed') {
      const count = String(removed.subscriptions);
      throw new Problem('application_in_use', `it has ${count} subscriptions: delete them first`);
    }
  }
}

/** Another one is not told from one that is not there. @throws Problem */
export function requireOwn(by: Principal, id: string): void {
  const own = applicationOf(by);
  if (own !== undefined && own !== id) {
    throw noApplication(id);
  }
}

export function noApplication(id: string): Problem {
  const shown = id.slice(0, 64);
  return new Problem(
    'application_not_found',
    `there is no application "${shown}": GET /v1/applications lists all`,
  );
}
