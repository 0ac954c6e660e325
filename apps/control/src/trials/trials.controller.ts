import { Body, Controller, HttpCode, Inject, Post } from '@nestjs/common';
import { ApiBearerAuth, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { Listener } from '#libs/event';
import { Problem } from '../http/problem.js';
import { AnswersProblems, bodyProblems } from '../http/problem-responses.js';
import { RecentChanges } from './recent-changes.js';
import { tryOn } from './trial.js';
import { TrialBody, TrialList } from './trial-bodies.js';
import { TriedSubscriptions } from './tried-subscriptions.js';

const defaultLimit = 10;

@ApiTags('Subscriptions')
@ApiBearerAuth()
@Controller('v1/try')
export class TrialsController {
  constructor(
    @Inject(TriedSubscriptions) private readonly subscriptions: TriedSubscriptions,
    @Inject(RecentChanges) private readonly changes: RecentChanges,
  ) {}

  @Post()
  @HttpCode(200)
  @ApiOperation({
    summary: 'Try a subscription on the last changes',
    description:
      'For each change whether it matches, what decided that, and the request that would be sent. Nothing is sent ' +
      'and nothing is saved. The last changes are those that stand at the end of the topics of its models: of each ' +
      'partition 500.',
  })
  @ApiOkResponse({ type: TrialList })
  @AnswersProblems(...bodyProblems)
  async try(@Body() body: TrialBody): Promise<TrialList> {
    const tried = await this.subscriptions.of(body);
    const listener = new Listener(tried.subscription);
    const { model, recordId, changeId, limit = defaultLimit } = body;
    const models = [...listener.byModel.keys()];
    if (model !== undefined && !models.includes(model)) {
      const message = `is none of its event types' models ("${model.slice(0, 64)}"): these are ${models.join(', ')}`;
      throw Problem.ofFields([{ field: 'model', code: 'unknown_model', message }]);
    }
    const changes = await this.changes.of({
      database: tried.subscription.database,
      models: model === undefined ? models : [model],
      recordId,
      changeId,
      limit,
    });
    return { data: changes.map((change) => tryOn(listener, tried, change)) };
  }
}
