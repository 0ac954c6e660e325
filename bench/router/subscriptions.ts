import { basicSubscription, defaultDeliverySettings, type Subscription } from '#libs/subscription';

export const modelCount = 200;
export const partnerCount = 100;
export const deliveriesEach = 5;

export const models = Array.from({ length: modelCount }, (_, index) => `x_bench.m${String(index)}`);

/**
 * So many subscriptions of which five want each change. A change has one of 200 models and one of 100 partners; the
 * more subscriptions there are, the less of this plane each one wants: all models and half of the partners (10), one
 * model (1,000), one model and ten partners (10,000), one model and one partner (100,000).
 */
export function subscriptionsOf(count: number): Subscription[] {
  const cells = count / deliveriesEach;
  const modelGroups = Math.min(modelCount, cells >= modelCount ? modelCount : 1);
  const partnerGroups = cells / modelGroups;
  return Array.from({ length: count }, (_, index) => {
    const cell = Math.floor(index / deliveriesEach);
    const modelGroup = cell % modelGroups;
    const partnerGroup = Math.floor(cell / modelGroups);
    const wantedModels = modelGroups === 1 ? models : [models[modelGroup] ?? ''];
    const partners = Array.from({ length: partnerCount }, (_, partner) => partner + 1).filter(
      (partner) => partner % partnerGroups === partnerGroup,
    );
    const state = ['amount_total', '>', 10];
    const filter = partnerGroups === 1 ? [state] : ['&', ['partner_id', 'in', partners], state];
    return {
      id: `sub_${String(index).padStart(26, '0')}`,
      applicationId: 'bench',
      database: 'bench',
      eventTypes: wantedModels.map((model) => `${model}.updated`),
      format: 'json',
      url: 'https://bench.example/hooks',
      secrets: [],
      enabled: true,
      enabledEpoch: 0,
      sinceMs: 0n,
      settings: defaultDeliverySettings,
      ...basicSubscription,
      filter: JSON.stringify(filter),
    };
  });
}
