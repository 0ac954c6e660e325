import { Controller, Get, Inject, Query } from '@nestjs/common';
import { ApiBearerAuth, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { By, type Principal } from '../access/principal.js';
import { Needs } from '../access/scope-guard.js';
import { defaultPageSize } from '../http/cursors.js';
import { AnswersProblems } from '../http/problem-responses.js';
import { requireNone } from '../http/problem.js';
import { timeField } from '../http/time-field.js';
import { ControlRules, databaseErrors } from '../subscriptions/subscription-checks.js';
import { EventList } from './event-list.js';
import { EventPage, ListEventsQuery } from './event-views.js';

@ApiTags('Events')
@ApiBearerAuth()
@Controller('v1/events')
export class EventsController {
  constructor(
    @Inject(EventList) private readonly events: EventList,
    @Inject(ControlRules) private readonly rules: ControlRules,
  ) {}

  @Get()
  @Needs('deliveries:read')
  @ApiOperation({
    summary: 'List what happened to subscriptions and captures, the latest first, page by page',
    description:
      'A subscription fails, is disabled, has recovered; a capture was stopped, has a gap, is of another database. ' +
      'Kept for 30 days. An application sees those of its own subscriptions.',
  })
  @ApiOkResponse({ type: EventPage })
  @AnswersProblems(422)
  list(@By() by: Principal, @Query() query: ListEventsQuery): Promise<EventPage> {
    const since = timeField('since', query.since);
    const until = timeField('until', query.until);
    requireNone([...databaseErrors(query.database, this.rules.databases), ...since.errors, ...until.errors]);
    const { type, subscriptionId, database, cursor, limit = defaultPageSize } = query;
    return this.events.page(by, {
      ...{ type, subscriptionId, database, cursor, limit },
      sinceMs: since.timeMs,
      untilMs: until.timeMs,
    });
  }
}
