import type { DataSource } from 'typeorm';
import {
  basicSubscription,
  decryptSecret,
  defaultDeliverySettings,
  readSigningKey,
  type SecretsKey,
  type SigningKey,
} from '#libs/subscription';
import { defaultApplication } from '../applications/applications.js';
import { jsonOrNull, presentStates } from '../feed/published-state.js';
import { Problem } from '../http/problem.js';
import { keptShape } from '../listening/listening-checks.js';
import { OwnEventTypes } from '../event-types/own-event-types.js';
import type { CreateSubscriptionBody } from '../subscriptions/subscription-bodies.js';
import { SubscriptionChecks } from '../subscriptions/subscription-checks.js';
import type { Tried } from './trial.js';
import type { TrialBody } from './trial-bodies.js';

const draftId = 'sub_00000000000000000000000000';

/** The subscription that is tried: one there is, or one that is only described. */
export class TriedSubscriptions {
  constructor(
    private readonly dataSource: DataSource,
    private readonly secretsKey: SecretsKey,
    private readonly checks: SubscriptionChecks,
    private readonly ownTypes: OwnEventTypes,
  ) {}

  /** `applicationId`: whose it has to be, where it has to be somebody's. @throws Problem */
  async of({ subscriptionId, subscription }: TrialBody, applicationId: string | undefined): Promise<Tried> {
    if ((subscriptionId === undefined) === (subscription === undefined)) {
      const message = 'or subscription must be given, and not both';
      throw Problem.ofFields([{ field: 'subscriptionId', code: 'invalid', message }]);
    }
    return subscription === undefined
      ? this.present(subscriptionId ?? '', applicationId)
      : this.draft(subscription, applicationId ?? subscription.applicationId ?? defaultApplication);
  }

  private async present(id: string, applicationId: string | undefined): Promise<Tried> {
    const [found] = await presentStates(this.dataSource, [id]);
    const isOwn = applicationId === undefined || found?.subscription?.applicationId === applicationId;
    if (found?.subscription === undefined || !isOwn) {
      const message = `names no subscription ("${id}"): GET /v1/subscriptions lists all`;
      throw Problem.ofFields([{ field: 'subscriptionId', code: 'unknown_subscription', message }]);
    }
    const keys = found.subscription.secrets.map((secret) =>
      readSigningKey(decryptSecret(this.secretsKey, secret)),
    );
    const signingKeys = keys.filter((key): key is SigningKey => key !== undefined).slice(0, 1);
    return { subscription: found.subscription, signingKeys };
  }

  private async draft(body: CreateSubscriptionBody, applicationId: string): Promise<Tried> {
    const { database, eventTypes, filter = null, fieldChanges = null, shape = null } = body;
    const errors = await this.checks.errorsOf(body, {
      applicationId,
      database,
      eventTypes,
      filter,
      fieldChanges,
      shape,
    });
    if (errors.length > 0) {
      throw Problem.ofFields(errors.map((error) => ({ ...error, field: `subscription.${error.field}` })));
    }
    const own = (await this.ownTypes.of(database)).filter(({ name }) => eventTypes.includes(name));
    const subscription = {
      id: draftId,
      applicationId,
      database,
      eventTypes,
      format: body.format ?? 'json',
      url: body.url,
      secrets: [],
      enabled: true,
      enabledEpoch: 0,
      sinceMs: 0n,
      settings: defaultDeliverySettings,
      ...basicSubscription,
      ownEventTypes: JSON.stringify(own),
      filter: jsonOrNull(filter),
      fieldChanges: jsonOrNull(fieldChanges),
      shape: jsonOrNull(keptShape(shape)),
    };
    return { subscription, signingKeys: [] };
  }
}
