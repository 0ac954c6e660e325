import { Body, Controller, Delete, Get, HttpCode, Inject, Param, Put, Query } from '@nestjs/common';
import {
  ApiBearerAuth,
  ApiNoContentResponse,
  ApiOkResponse,
  ApiOperation,
  ApiParam,
  ApiTags,
} from '@nestjs/swagger';
import { eventTypeNamed, eventTypesOf } from '#libs/event';
import { By, isGranted, type Principal } from '../access/principal.js';
import { Needs } from '../access/scope-guard.js';
import { defaultPageSize, pageOf } from '../http/cursors.js';
import { AnswersProblems, bodyProblems } from '../http/problem-responses.js';
import { Problem, requireNone, type FieldError } from '../http/problem.js';
import { CapturedColumns } from '../listening/captured-columns.js';
import {
  IfMatch,
  MayBeUnchanged,
  MayExpectVersion,
  showsVersion,
  withVersion,
  type Precondition,
} from '../http/versions.js';
import { ListeningChecks } from '../listening/listening-checks.js';
import { ControlRules, databaseErrors } from '../subscriptions/subscription-checks.js';
import {
  EventTypeBody,
  eventTypeNamePattern,
  eventTypeOf,
  EventTypePage,
  EventTypeView,
  ListEventTypesQuery,
  viewOf,
} from './event-type-bodies.js';
import { detailOf, EventTypeDetail, EventTypeQuery } from './event-type-detail.js';
import { OwnEventTypes } from './own-event-types.js';

const databaseParameter = { name: 'database', type: String, description: 'slug of the Odoo database' };
const nameParameter = {
  name: 'name',
  description: 'e.g. shop.order_ready',
  schema: { type: 'string' as const, pattern: eventTypeNamePattern.source },
};

@ApiTags('Event types')
@ApiBearerAuth()
@Controller('v1')
export class EventTypesController {
  constructor(
    @Inject(ControlRules) private readonly rules: ControlRules,
    @Inject(OwnEventTypes) private readonly own: OwnEventTypes,
    @Inject(ListeningChecks) private readonly checks: ListeningChecks,
    @Inject(CapturedColumns) private readonly captured: CapturedColumns,
  ) {}

  @Get('event-types')
  @Needs('subscriptions:read')
  @ApiOperation({ summary: 'List what can be subscribed to, by name, page by page' })
  @ApiOkResponse({ type: EventTypePage })
  @AnswersProblems(422)
  async list(@By() by: Principal, @Query() query: ListEventTypesQuery): Promise<EventTypePage> {
    const { database, cursor = '', limit = defaultPageSize } = query;
    requireNone(databaseErrors(database, databasesOf(by, this.rules)));
    const own = database === undefined ? [] : await this.own.of(database);
    const models = modelsOf(by, this.rules);
    const views = [
      ...own.filter(({ model }) => models.includes(model)).map((type) => viewOf(type, true)),
      ...eventTypesOf(models).map((type) => viewOf(type, false)),
    ];
    const behind = views.filter(({ name }) => name > cursor).sort(byName);
    const { shown, nextCursor } = pageOf(behind, limit, ({ name }) => name);
    return { data: shown, nextCursor };
  }

  @Get('event-types/:name')
  @Needs('subscriptions:read')
  @ApiOperation({ summary: 'Read an event type: an example of its body, and the JSON Schema of all of them' })
  @ApiParam(nameParameter)
  @ApiOkResponse({ type: EventTypeDetail })
  @AnswersProblems(404, 422)
  async read(
    @By() by: Principal,
    @Param('name') name: string,
    @Query() query: EventTypeQuery,
  ): Promise<EventTypeDetail> {
    const [databases, models] = [databasesOf(by, this.rules), modelsOf(by, this.rules)];
    const { format = 'json', database = databases.length === 1 ? (databases[0] ?? '') : '' } = query;
    requireNone(databaseErrors(database, databases));
    const own = (await this.own.of(database)).find((type) => type.name === name);
    const type = own ?? eventTypeNamed(name);
    if (type === undefined || !models.includes(type.model)) {
      throw unknownType(`there is no event type "${name.slice(0, 64)}"`, database);
    }
    const columns = await this.captured.of(database, type.model);
    return detailOf(type, { database, format, columns, own: own !== undefined });
  }

  @Get('databases/:database/event-types/:name')
  @ApiOperation({ summary: 'Read an event type that a database has of its own' })
  @ApiParam(databaseParameter)
  @ApiParam(nameParameter)
  @ApiOkResponse({ type: EventTypeView, ...showsVersion })
  @MayBeUnchanged()
  @AnswersProblems(404)
  async readOwn(@Param('database') database: string, @Param('name') name: string): Promise<EventTypeView> {
    this.rules.requireDatabase(database);
    const row = eventTypeNamePattern.test(name) ? await this.own.find(database, name) : undefined;
    if (row === undefined) {
      throw unknownType(`${database} has no event type "${name.slice(0, 64)}" of its own`, database);
    }
    return withVersion(viewOf(row.definition, true), row.version);
  }

  @Put('databases/:database/event-types/:name')
  @ApiOperation({
    summary: 'Create or replace an event type of a database',
    description: 'Subscriptions that name it follow within a second.',
  })
  @ApiParam(databaseParameter)
  @ApiParam(nameParameter)
  @ApiOkResponse({ type: EventTypeView, ...showsVersion })
  @MayExpectVersion()
  @AnswersProblems(404, ...bodyProblems)
  async put(
    @Param('database') database: string,
    @Param('name') name: string,
    @Body() body: EventTypeBody,
    @IfMatch() expected: Precondition,
  ): Promise<EventTypeView> {
    this.rules.requireDatabase(database);
    const type = eventTypeOf(name, body);
    requireNone([
      ...nameFormErrors(name),
      ...(await this.own.nameErrors(database, name)),
      ...modelErrors(body.model, this.rules.models),
    ]);
    requireNone(await this.checks.errorsOfType(database, type));
    const { version } = await this.own.put(database, type, expected);
    return withVersion(viewOf(type, true), version);
  }

  @Delete('databases/:database/event-types/:name')
  @HttpCode(204)
  @ApiOperation({ summary: 'Delete an event type that no subscription of the database names' })
  @ApiParam(databaseParameter)
  @ApiParam(nameParameter)
  @ApiNoContentResponse()
  @MayExpectVersion()
  @AnswersProblems(404, 409)
  async delete(
    @Param('database') database: string,
    @Param('name') name: string,
    @IfMatch() expected: Precondition,
  ): Promise<void> {
    this.rules.requireDatabase(database);
    const removed = eventTypeNamePattern.test(name)
      ? await this.own.remove(database, name, expected)
      : 'unknown';
    if (removed === 'unknown') {
      throw unknownType(`${database} has no event type "${name.slice(0, 64)}" of its own`, database);
    }
    if (removed !== 'removed') {
      throw new Problem(
        'event_type_in_use',
        `subscriptions that name it: ${String(removed.usedBy)}; change or delete them first`,
      );
    }
  }
}

/** No two of a database have the same. */
function byName(one: EventTypeView, other: EventTypeView): number {
  return one.name < other.name ? -1 : 1;
}

function databasesOf(by: Principal, { databases }: ControlRules): readonly string[] {
  return by.kind === 'administrator'
    ? databases
    : databases.filter((one) => isGranted(by.grant.databases, one));
}

function modelsOf(by: Principal, { models }: ControlRules): readonly string[] {
  return by.kind === 'administrator' ? models : models.filter((one) => isGranted(by.grant.models, one));
}

function unknownType(problem: string, database: string): Problem {
  const list = `GET /v1/event-types?database=${database} lists them`;
  return new Problem('event_type_not_found', `${problem}: ${list}`);
}

function nameFormErrors(name: string): FieldError[] {
  const message =
    'must be 2 to 5 words of small letters, digits and "_" with a dot between them, e.g. "shop.order_ready"';
  return eventTypeNamePattern.test(name) ? [] : [{ field: 'name', code: 'invalid', message }];
}

function modelErrors(model: string, known: readonly string[]): FieldError[] {
  const message = `is no captured model ("${model.slice(0, 64)}"): known are ${known.join(', ')} (MODELS of the control app)`;
  return known.includes(model) ? [] : [{ field: 'model', code: 'unknown_model', message }];
}
