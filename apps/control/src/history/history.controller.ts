import { Controller, Get, Inject, Param, Query } from '@nestjs/common';
import { ApiBearerAuth, ApiOkResponse, ApiOperation, ApiParam, ApiTags } from '@nestjs/swagger';
import { By, type Principal } from '../access/principal.js';
import { Needs } from '../access/scope-guard.js';
import { defaultPageSize, pageOf } from '../http/cursors.js';
import { Problem } from '../http/problem.js';
import { AnswersProblems } from '../http/problem-responses.js';
import { subscriptionIdPattern } from '../subscriptions/subscription-bodies.js';
import { ControlRules } from '../subscriptions/subscription-checks.js';
import { ListAttemptsQuery, StatisticsQuery, webhookIdPattern } from './attempt-queries.js';
import { AttemptPage, attemptView, DeliveryView } from './attempt-view.js';
import { filterOf, periodOf, placeOf, placeTextOf } from './query-checks.js';
import { History } from './history.js';
import { StatisticsView } from './statistics-view.js';

@ApiTags('History')
@ApiBearerAuth()
@Controller('v1')
export class HistoryController {
  constructor(
    @Inject(History) private readonly history: History,
    @Inject(ControlRules) private readonly rules: ControlRules,
  ) {}

  @Get('attempts')
  @Needs('deliveries:read')
  @ApiOperation({
    summary: 'List what became of deliveries, the latest first, page by page',
    description:
      'Each request that was made, and each end of a delivery without one, to which all filters apply; in general ' +
      'a second after it happened. Dead letters are those with `outcome=dead,expired`.',
  })
  @ApiOkResponse({ type: AttemptPage })
  @AnswersProblems(422)
  async list(@By() by: Principal, @Query() query: ListAttemptsQuery): Promise<AttemptPage> {
    const { limit = defaultPageSize } = query;
    const page = { after: placeOf(query.cursor), limit: limit + 1 };
    const rows = await this.history.search.page(by, filterOf(query, this.rules.databases), page);
    const { shown, nextCursor } = pageOf(rows, limit, placeTextOf);
    return { data: shown.map(attemptView), nextCursor };
  }

  @Get('deliveries/:webhookId')
  @Needs('deliveries:read')
  @ApiOperation({ summary: 'Read how it is with a delivery, and all that became of it' })
  @ApiParam({ name: 'webhookId', type: String, description: 'its webhook-id, msg_…' })
  @ApiOkResponse({ type: DeliveryView })
  @AnswersProblems(404)
  async read(@By() by: Principal, @Param('webhookId') webhookId: string): Promise<DeliveryView> {
    const found = webhookIdPattern.test(webhookId) ? await this.history.delivery(by, webhookId) : undefined;
    if (found === undefined) {
      throw noDelivery(webhookId);
    }
    return found;
  }

  @Get('subscriptions/:id/statistics')
  @Needs('deliveries:read')
  @ApiOperation({
    summary: "Count a subscription's attempts by outcome over time, with how long its endpoint took",
  })
  @ApiParam({ name: 'id', type: String, description: 'id of the subscription, sub_…, be it deleted' })
  @ApiOkResponse({ type: StatisticsView })
  @AnswersProblems(404, 422)
  async statistics(
    @By() by: Principal,
    @Param('id') id: string,
    @Query() query: StatisticsQuery,
  ): Promise<StatisticsView> {
    if (!subscriptionIdPattern.test(id) || !(await this.history.hadSubscription(by, id))) {
      const shown = id.slice(0, 64);
      throw new Problem(
        'subscription_not_found',
        `there is no subscription "${shown}", and there was none: GET /v1/subscriptions lists all`,
      );
    }
    return this.history.statistics.of(by, id, periodOf(query, Date.now()));
  }
}

export function noDelivery(webhookId: string): Problem {
  return new Problem(
    'delivery_not_found',
    `no attempt of a delivery "${webhookId.slice(0, 64)}" is known: a new one appears about a second after its ` +
      'first attempt, an old one is forgotten after HISTORY_RETENTION_DAYS; GET /v1/attempts lists what is there',
  );
}
