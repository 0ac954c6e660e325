import { Body, Controller, HttpCode, Inject, Post } from '@nestjs/common';
import { ApiBearerAuth, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { Listener, type ReadableChange } from '#libs/event';
import { By, isGranted, type Principal } from '../access/principal.js';
import { Needs } from '../access/scope-guard.js';
import { applicationOf } from '../access/tenancy.js';
import { Problem } from '../http/problem.js';
import { CapturedColumns } from '../listening/captured-columns.js';
import { AnswersProblems, bodyProblems } from '../http/problem-responses.js';
import { readGivenChange } from './given-change.js';
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
    @Inject(CapturedColumns) private readonly captured: CapturedColumns,
  ) {}

  @Post()
  @Needs('subscriptions:read')
  @HttpCode(200)
  @ApiOperation({
    summary: 'Try a subscription on the last changes, or on one that is given',
    description:
      'For each change whether it matches, what decided that, and the request that would be sent. Nothing is sent ' +
      'and nothing is saved. The last changes are those that stand at the end of the topics of its models: of each ' +
      'partition 500.',
  })
  @ApiOkResponse({ type: TrialList })
  @AnswersProblems(...bodyProblems)
  async try(@By() by: Principal, @Body() body: TrialBody): Promise<TrialList> {
    const tried = await this.subscriptions.of(body, applicationOf(by));
    const listener = new Listener(tried.subscription);
    const models = modelsAsked(body, [...listener.byModel.keys()]);
    const { database } = tried.subscription;
    const { change, recordId, changeId, limit = defaultLimit } = body;
    const changes =
      change === undefined
        ? await this.changes.of({ database, models, recordId, changeId, limit })
        : [await this.given(change, database, models)];
    const seen = changes.filter(({ change: { source } }) => seesCompany(by, source.company_id));
    return { data: seen.map((read) => tryOn(listener, tried, read)) };
  }

  private async given(
    change: Record<string, unknown>,
    database: string,
    [model = '', ...others]: readonly string[],
  ): Promise<ReadableChange> {
    if (others.length > 0) {
      throw refusal('change.model', `must be one of ${[model, ...others].join(', ')}`);
    }
    const columns = await this.captured.of(database, model);
    if (columns === undefined) {
      throw refusal(
        'change.model',
        `${model} has no change in ${database} yet, so its columns are not known`,
      );
    }
    const read = readGivenChange(change, { database, model }, columns);
    if (read.kind === 'refused') {
      throw Problem.ofFields(read.errors);
    }
    return read.read;
  }
}

/** Of what does not match, too, something is shown. */
function seesCompany(by: Principal, companyId: number | null): boolean {
  return by.kind === 'administrator' || companyId === null || isGranted(by.grant.companyIds, companyId);
}

/** Those that are to be looked at, of those that the subscription is about. @throws Problem */
function modelsAsked({ model, change }: TrialBody, known: readonly string[]): readonly string[] {
  const asked = model ?? change?.['model'];
  if (asked === undefined) {
    return known;
  }
  if (typeof asked !== 'string' || !known.includes(asked)) {
    const shown = typeof asked === 'string' ? asked.slice(0, 64) : 'no text';
    const message = `is none of its event types' models ("${shown}"): these are ${known.join(', ')}`;
    throw refusal(model === undefined ? 'change.model' : 'model', message, 'unknown_model');
  }
  return [asked];
}

function refusal(field: string, message: string, code = 'invalid'): Problem {
  return Problem.ofFields([{ field, code, message }]);
}
