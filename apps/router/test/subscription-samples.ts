import { defaultDeliverySettings, basicSubscription, type Subscription } from '#libs/subscription';

/** A JSON subscription of database `acme` that is switched on. */
export function subscriptionOf(
  given: Partial<Subscription> & { id: string; eventTypes: readonly string[] },
): Subscription {
  return {
    applicationId: 'shop',
    database: 'acme',
    format: 'json',
    url: 'https://shop.example/hooks',
    secrets: [],
    enabled: true,
    enabledEpoch: 0,
    sinceMs: 0n,
    settings: defaultDeliverySettings,
    ...basicSubscription,
    ...given,
  };
}
