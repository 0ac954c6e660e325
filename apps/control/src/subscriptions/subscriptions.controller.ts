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
import { newSigningSecret } from '#libs/subscription';
import { By, type Principal } from '../access/principal.js';
import { Needs } from '../access/scope-guard.js';
import { applicationOf, noSubscription, Tenancy } from '../access/tenancy.js';
import { authOf } from '../credentials/auth-bodies.js';
import { defaultGraceMs, RotateSecretBody, type CredentialFields } from '../credentials/credential-fields.js';
import type { GivenCredentials } from '../credentials/credential-columns.js';
import { defaultApplication } from '../applications/applications.js';
import { defaultPageSize } from '../http/cursors.js';
import { Problem, requireNone } from '../http/problem.js';
import { Replays } from '../replays/replays.js';
import { keptShape, type Listening } from '../listening/listening-checks.js';
import { AnswersProblems, bodyProblems } from '../http/problem-responses.js';
import {
  IfMatch,
  MayBeUnchanged,
  MayExpectVersion,
  showsVersion,
  type Precondition,
} from '../http/versions.js';
import {
  ChangeSubscriptionBody,
  CreateSubscriptionBody,
  ListSubscriptionsQuery,
  subscriptionIdPattern,
} from './subscription-bodies.js';
import { SubscriptionChecks, type CheckedFields } from './subscription-checks.js';
import { CreatedSubscriptionView, SubscriptionPage, SubscriptionView } from './subscription-view.js';
import { Subscriptions } from './subscriptions.js';

const idParameter = { name: 'id', type: String, description: 'id of the subscription, sub_…' };
const whenItHolds =
  'Answers when those that deliver have it, in general within milliseconds; where that takes longer than 2 s the ' +
  'change is saved all the same, follows by itself, and the answer says `"published": false`.';

@ApiTags('Subscriptions')
@ApiBearerAuth()
@Controller('v1/subscriptions')
export class SubscriptionsController {
  constructor(
    @Inject(Subscriptions) private readonly subscriptions: Subscriptions,
    @Inject(SubscriptionChecks) private readonly checks: SubscriptionChecks,
    @Inject(Replays) private readonly replays: Replays,
    @Inject(Tenancy) private readonly tenancy: Tenancy,
  ) {}

  @Post()
  @Needs('subscriptions:write')
  @ApiOperation({ summary: 'Subscribe to event types', description: whenItHolds })
  @ApiCreatedResponse({ type: CreatedSubscriptionView, ...showsVersion })
  @AnswersProblems(...bodyProblems)
  async create(@By() by: Principal, @Body() body: CreateSubscriptionBody): Promise<CreatedSubscriptionView> {
    const applicationId = ownerOf(by, body.applicationId);
    const { filter = null, fieldChanges = null, shape = null } = body;
    const { database, eventTypes } = body;
    await this.requireRight(body, { applicationId, database, eventTypes, filter, fieldChanges, shape });
    const { signature = 'hmac' } = body;
    const secret = body.secret ?? newSigningSecret(signature);
    const given = {
      applicationId,
      database: body.database,
      eventTypes: body.eventTypes,
      filter,
      fieldChanges,
      shape: keptShape(shape),
      format: body.format ?? 'json',
      url: body.url,
      settings: body.settings ?? {},
      ...credentialsOf(body),
      signature,
      secret,
    };
    if (body.startWith === undefined) {
      return this.subscriptions.create(given);
    }
    return this.subscriptions.create(given, async (manager, row) => ({
      replayId: await this.replays.beginFirstLoad(manager, row),
    }));
  }

  @Get()
  @Needs('subscriptions:read')
  @ApiOperation({ summary: 'List subscriptions, page by page' })
  @ApiOkResponse({ type: SubscriptionPage })
  @AnswersProblems(422)
  list(@By() by: Principal, @Query() query: ListSubscriptionsQuery): Promise<SubscriptionPage> {
    const { database, cursor, limit = defaultPageSize } = query;
    const applicationId = applicationOf(by) ?? query.applicationId;
    return this.subscriptions.list({ database, applicationId, cursor, limit });
  }

  @Get(':id')
  @Needs('subscriptions:read')
  @ApiOperation({ summary: 'Read a subscription and its state' })
  @ApiParam(idParameter)
  @ApiOkResponse({ type: SubscriptionView, ...showsVersion })
  @MayBeUnchanged()
  @AnswersProblems(404)
  read(@By() by: Principal, @Param('id') id: string): Promise<SubscriptionView> {
    return this.found(by, id, (known) => this.subscriptions.find(known));
  }

  @Patch(':id')
  @Needs('subscriptions:write')
  @ApiOperation({ summary: 'Change what is given', description: whenItHolds })
  @ApiParam(idParameter)
  @ApiOkResponse({ type: SubscriptionView, ...showsVersion })
  @MayExpectVersion()
  @AnswersProblems(404, ...bodyProblems)
  async change(
    @By() by: Principal,
    @Param('id') id: string,
    @Body() body: ChangeSubscriptionBody,
    @IfMatch() expected: Precondition,
  ): Promise<SubscriptionView> {
    const present = await this.read(by, id);
    await this.requireRight(body, changesListening(body) ? listeningOf(present, body) : undefined);
    const { eventTypes, filter, fieldChanges, format, url, settings } = body;
    const shape = body.shape === undefined ? undefined : keptShape(body.shape);
    const change = { eventTypes, filter, fieldChanges, shape, format, url, settings, ...credentialsOf(body) };
    return this.found(by, id, (known) => this.subscriptions.change(known, change, expected));
  }

  @Delete(':id')
  @Needs('subscriptions:write')
  @HttpCode(204)
  @ApiOperation({ summary: 'Delete a subscription', description: 'What still waits for it is not sent.' })
  @ApiParam(idParameter)
  @ApiNoContentResponse()
  @MayExpectVersion()
  @AnswersProblems(404)
  async delete(
    @By() by: Principal,
    @Param('id') id: string,
    @IfMatch() expected: Precondition,
  ): Promise<void> {
    await this.found(by, id, async (known) =>
      (await this.subscriptions.delete(known, expected)) ? known : undefined,
    );
  }

  @Post(':id/enable')
  @Needs('subscriptions:write')
  @HttpCode(200)
  @ApiOperation({
    summary: 'Switch a disabled subscription on again',
    description: `Its dead letters are counted from 0; it gets what changes from now on. ${whenItHolds}`,
  })
  @ApiParam(idParameter)
  @ApiOkResponse({ type: SubscriptionView, ...showsVersion })
  @MayExpectVersion()
  @AnswersProblems(404)
  enable(
    @By() by: Principal,
    @Param('id') id: string,
    @IfMatch() expected: Precondition,
  ): Promise<SubscriptionView> {
    return this.found(by, id, (known) => this.subscriptions.enable(known, expected));
  }

  @Post(':id/disable')
  @Needs('subscriptions:write')
  @HttpCode(200)
  @ApiOperation({
    summary: 'Switch a subscription off',
    description: `Nothing is sent to it until it is switched on again. ${whenItHolds}`,
  })
  @ApiParam(idParameter)
  @ApiOkResponse({ type: SubscriptionView, ...showsVersion })
  @MayExpectVersion()
  @AnswersProblems(404)
  disable(
    @By() by: Principal,
    @Param('id') id: string,
    @IfMatch() expected: Precondition,
  ): Promise<SubscriptionView> {
    return this.found(by, id, (known) => this.subscriptions.disable(known, expected));
  }

  @Post(':id/rotate-secret')
  @Needs('subscriptions:write')
  @HttpCode(200)
  @ApiOperation({
    summary: 'Replace the signing secret',
    description:
      'The new one is shown this once. Until the grace time ends, requests carry a signature of each, so that a ' +
      `receiver can be changed over at any moment of it. ${whenItHolds}`,
  })
  @ApiParam(idParameter)
  @ApiOkResponse({ type: CreatedSubscriptionView, ...showsVersion })
  @MayExpectVersion()
  @AnswersProblems(404, ...bodyProblems)
  rotateSecret(
    @By() by: Principal,
    @Param('id') id: string,
    @Body() body: RotateSecretBody,
    @IfMatch() expected: Precondition,
  ): Promise<CreatedSubscriptionView> {
    const { graceMs = defaultGraceMs, signature } = body;
    return this.found(by, id, (known) =>
      this.subscriptions.rotateSecret(known, { signature, graceMs }, expected),
    );
  }

  private async found<T>(
    by: Principal,
    id: string,
    find: (id: string) => Promise<T | undefined>,
  ): Promise<T> {
    if (!subscriptionIdPattern.test(id)) {
      throw noSubscription(id);
    }
    await this.tenancy.requireSubscription(by, id);
    const result = await find(id);
    if (result === undefined) {
      throw noSubscription(id);
    }
    return result;
  }

  private async requireRight(fields: CheckedFields, listening: Listening | undefined): Promise<void> {
    requireNone(await this.checks.errorsOf(fields, listening));
  }
}

/** A column that vanished meanwhile must not keep anybody from changing the URL. */
function changesListening({ eventTypes, filter, fieldChanges, shape }: ChangeSubscriptionBody): boolean {
  return [eventTypes, filter, fieldChanges, shape].some((part) => part !== undefined);
}

/** What it will listen to. */
function listeningOf(present: SubscriptionView, change: ChangeSubscriptionBody): Listening {
  return {
    applicationId: present.applicationId,
    database: present.database,
    eventTypes: change.eventTypes ?? present.eventTypes,
    filter: change.filter === undefined ? present.filter : change.filter,
    fieldChanges: change.fieldChanges === undefined ? present.fieldChanges : change.fieldChanges,
    shape: change.shape === undefined ? present.shape : change.shape,
  };
}

function credentialsOf({ headers, auth, clientCertificate }: CredentialFields): GivenCredentials {
  return { headers, auth: auth && authOf(auth), clientCertificate };
}

/** An application creates its own. @throws Problem */
function ownerOf(by: Principal, wanted: string | undefined): string {
  const own = applicationOf(by);
  if (own !== undefined && wanted !== undefined && wanted !== own) {
    const message = `must be the application itself ("${own}"): leave it out`;
    throw Problem.ofFields([{ field: 'applicationId', code: 'not_granted', message }]);
  }
  return own ?? wanted ?? defaultApplication;
}
