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
import { noSubscription, Tenancy } from '../access/tenancy.js';
import { defaultPageSize } from '../http/cursors.js';
import { Problem } from '../http/problem.js';
import { AnswersProblems, bodyProblems } from '../http/problem-responses.js';
import { defaultRatePerSecond } from '../runs/run-bodies.js';
import { subscriptionIdPattern } from '../subscriptions/subscription-bodies.js';
import { CreateReplayBody, ListReplaysQuery, replayIdPattern } from './replay-bodies.js';
import { checkFrom } from './replay-from.js';
import { ReplayPage, ReplayView } from './replay-view.js';
import { Replays } from './replays.js';

const idParameter = { name: 'id', type: String, description: 'id of the replay, rpl_…' };
const subscriptionParameter = { name: 'id', type: String, description: 'id of the subscription, sub_…' };
/** Small ones have ended by then, so that their answer is the last word. */
const answerWaitMs = 5_000;
const dryRunAnswerWaitMs = 10_000;

@ApiTags('Replays')
@ApiBearerAuth()
@Controller('v1')
export class ReplaysController {
  constructor(
    @Inject(Replays) private readonly replays: Replays,
    @Inject(Tenancy) private readonly tenancy: Tenancy,
  ) {}

  @Post('subscriptions/:id/replays')
  @Needs('replay')
  @ApiOperation({
    summary: 'Send what is, or what has happened, to a subscription once more',
    description:
      'Live deliveries come first. It goes on in the background, through restarts; the answer comes when it has ' +
      'ended, or after 5 s (dry run: 10 s) with how far it is: `GET /v1/replays/{id}` tells the rest.',
  })
  @ApiParam(subscriptionParameter)
  @ApiCreatedResponse({ type: ReplayView })
  @AnswersProblems(404, ...bodyProblems)
  async create(
    @By() by: Principal,
    @Param('id') id: string,
    @Body() body: CreateReplayBody,
  ): Promise<ReplayView> {
    await this.tenancy.requireSubscription(by, id);
    const checked = checkFrom(body.from);
    if (checked.kind === 'wrong') {
      throw Problem.ofFields(checked.errors);
    }
    const { dryRun = false, ratePerS: ratePerSecond = defaultRatePerSecond, ids } = body;
    const given = { subscriptionId: id, dryRun, ratePerSecond, newIds: ids === 'new', origin: checked.from };
    const begun = subscriptionIdPattern.test(id) ? await this.replays.begin(given, checked.asked) : undefined;
    if (begun === undefined) {
      throw noSubscription(id);
    }
    return this.replays.runs.waitForEnd(begun, dryRun ? dryRunAnswerWaitMs : answerWaitMs);
  }

  @Get('subscriptions/:id/replays')
  @Needs('replay')
  @ApiOperation({ summary: "List a subscription's replays, the latest first, page by page" })
  @ApiParam(subscriptionParameter)
  @ApiOkResponse({ type: ReplayPage })
  @AnswersProblems(404, 422)
  async list(
    @By() by: Principal,
    @Param('id') id: string,
    @Query() query: ListReplaysQuery,
  ): Promise<ReplayPage> {
    await this.tenancy.requireSubscription(by, id);
    if (!subscriptionIdPattern.test(id) || !(await this.replays.hasSubscription(id))) {
      throw noSubscription(id);
    }
    const { cursor, limit = defaultPageSize } = query;
    return this.replays.runs.list({ cursor, limit }, { subscriptionId: id });
  }

  @Get('replays/:id')
  @Needs('replay')
  @ApiOperation({ summary: 'Read how far a replay is' })
  @ApiParam(idParameter)
  @ApiOkResponse({ type: ReplayView })
  @AnswersProblems(404)
  read(@By() by: Principal, @Param('id') id: string): Promise<ReplayView> {
    return this.own(by, id);
  }

  @Post('replays/:id/stop')
  @Needs('replay')
  @HttpCode(200)
  @ApiOperation({
    summary: 'Stop a replay',
    description:
      'What is sent already is delivered all the same; what was under way at this moment may follow and is ' +
      'counted. One that has ended stays as it is.',
  })
  @ApiParam(idParameter)
  @ApiOkResponse({ type: ReplayView })
  @AnswersProblems(404)
  async stop(@By() by: Principal, @Param('id') id: string): Promise<ReplayView> {
    await this.own(by, id);
    return found(id, (known) => this.replays.runs.stop(known));
  }

  private async own(by: Principal, id: string): Promise<ReplayView> {
    const replay = await found(id, (known) => this.replays.runs.find(known));
    if (!(await this.tenancy.sees(by, replay.subscriptionId))) {
      throw noReplay(id);
    }
    return replay;
  }
}

async function found(id: string, find: (id: string) => Promise<ReplayView | undefined>): Promise<ReplayView> {
  const result = replayIdPattern.test(id) ? await find(id) : undefined;
  if (result === undefined) {
    throw noReplay(id);
  }
  return result;
}

function noReplay(id: string): Problem {
  const shown = id.slice(0, 64);
  return new Problem(
    'replay_not_found',
    `there is no replay "${shown}": GET /v1/subscriptions/{id}/replays lists those of a subscription`,
  );
}
