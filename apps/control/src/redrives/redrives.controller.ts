import { Body, Controller, Get, HttpCode, Inject, Param, Post, Query } from '@nestjs/common';
import {
  ApiBearerAuth,
  ApiCreatedResponse,
  ApiOkResponse,
  ApiOperation,
  ApiParam,
  ApiTags,
} from '@nestjs/swagger';
import { By, type Principal } from '../access/principal.js';
import { Needs } from '../access/scope-guard.js';
import { applicationOf, Tenancy } from '../access/tenancy.js';
import { defaultPageSize } from '../http/cursors.js';
import { Problem } from '../http/problem.js';
import { defaultRatePerSecond } from '../runs/run-bodies.js';
import { AnswersProblems, bodyProblems } from '../http/problem-responses.js';
import { ControlRules } from '../subscriptions/subscription-checks.js';
import { CreateRedriveBody, ListRedrivesQuery, redriveIdPattern } from './redrive-bodies.js';
import { RedrivePage, RedriveView } from './redrive-view.js';
import { Redrives } from './redrives.js';
import { checkSelection } from './selection-checks.js';

const idParameter = { name: 'id', type: String, description: 'id of the redrive, rdr_…' };
/** Small ones have ended by then, so that their answer is the last word. */
const answerWaitMs = 2_000;
const dryRunAnswerWaitMs = 10_000;

@ApiTags('Redrives')
@ApiBearerAuth()
@Controller('v1/redrives')
export class RedrivesController {
  constructor(
    @Inject(Redrives) private readonly redrives: Redrives,
    @Inject(ControlRules) private readonly rules: ControlRules,
    @Inject(Tenancy) private readonly tenancy: Tenancy,
  ) {}

  @Post()
  @Needs('replay')
  @ApiOperation({
    summary: 'Send dead letters once more',
    description:
      'Those of the selection that are dead now, each with all its attempts; what dies again is not sent again by ' +
      'this redrive. It goes on in the background, through restarts; the answer comes when it has ended, or ' +
      'after 2 s (dry run: 10 s) with how far it is: `GET /v1/redrives/{id}` tells the rest.',
  })
  @ApiCreatedResponse({ type: RedriveView })
  @AnswersProblems(...bodyProblems)
  async create(@By() by: Principal, @Body() body: CreateRedriveBody): Promise<RedriveView> {
    const checked = checkSelection(body, this.rules.databases);
    if (checked.kind === 'wrong') {
      throw Problem.ofFields(checked.errors);
    }
    await this.requireOwn(by, checked.selection.subscriptionId);
    const dryRun = body.dryRun ?? false;
    const begun = await this.redrives.begin({
      selection: checked.selection,
      dryRun,
      ratePerSecond: body.ratePerS ?? defaultRatePerSecond,
      newIds: body.newIds ?? false,
    });
    return this.redrives.runs.waitForEnd(begun, dryRun ? dryRunAnswerWaitMs : answerWaitMs);
  }

  @Get()
  @Needs('replay')
  @ApiOperation({ summary: 'List redrives, the latest first, page by page' })
  @ApiOkResponse({ type: RedrivePage })
  @AnswersProblems(422)
  list(@By() by: Principal, @Query() query: ListRedrivesQuery): Promise<RedrivePage> {
    const { cursor, limit = defaultPageSize } = query;
    return this.redrives.list({ cursor, limit }, applicationOf(by));
  }

  @Get(':id')
  @Needs('replay')
  @ApiOperation({ summary: 'Read how far a redrive is' })
  @ApiParam(idParameter)
  @ApiOkResponse({ type: RedriveView })
  @AnswersProblems(404)
  read(@By() by: Principal, @Param('id') id: string): Promise<RedriveView> {
    return this.own(by, id);
  }

  @Post(':id/stop')
  @Needs('replay')
  @HttpCode(200)
  @ApiOperation({
    summary: 'Stop a redrive',
    description:
      'What is sent already is delivered all the same; what was under way at this moment may follow and is ' +
      'counted. One that has ended stays as it is.',
  })
  @ApiParam(idParameter)
  @ApiOkResponse({ type: RedriveView })
  @AnswersProblems(404)
  async stop(@By() by: Principal, @Param('id') id: string): Promise<RedriveView> {
    await this.own(by, id);
    return found(id, (known) => this.redrives.runs.stop(known));
  }

  /** Those of all of a database are an administrator's. */
  private async own(by: Principal, id: string): Promise<RedriveView> {
    const redrive = await found(id, (known) => this.redrives.runs.find(known));
    if (!(await this.tenancy.sees(by, redrive.selection.subscriptionId ?? ''))) {
      throw noRedrive(id);
    }
    return redrive;
  }

  private async requireOwn(by: Principal, subscriptionId: string | undefined): Promise<void> {
    if (!(await this.tenancy.sees(by, subscriptionId ?? ''))) {
      const message = 'must be one of the application: GET /v1/subscriptions lists them';
      throw Problem.ofFields([{ field: 'subscriptionId', code: 'unknown_subscription', message }]);
    }
  }
}

async function found(
  id: string,
  find: (id: string) => Promise<RedriveView | undefined>,
): Promise<RedriveView> {
  const result = redriveIdPattern.test(id) ? await find(id) : undefined;
  if (result === undefined) {
    throw noRedrive(id);
  }
  return result;
}

function noRedrive(id: string): Problem {
  const shown = id.slice(0, 64);
  return new Problem('redrive_not_found', `there is no redrive "${shown}": GET /v1/redrives lists all`);
}
