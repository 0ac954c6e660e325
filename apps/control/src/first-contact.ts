import { connectionsOf } from '#libs/kafka';
import { connectPostgres } from '#libs/postgres';
import { HealthModule, HealthState, Patience, startHealthServer } from '#libs/process';
import { deliveryTopics } from '#libs/delivery-task';
import type { Logger } from '#libs/telemetry';
import type { ControlConfig } from './configuration.js';
import type { ControlMetrics } from './control-metrics.js';

/**
 * With START_PATIENCE_MS, resolves when Postgres, Kafka and the registry have answered. Until then only the probes
 * are served where the API will be: this process lives, and is not ready.
 * @throws RelayError of what does not answer, when the patience is at its end
 */
export async function firstContact(
  config: ControlConfig,
  { kafka: metrics }: ControlMetrics,
  logger: Logger,
): Promise<void> {
  if (config.START_PATIENCE_MS === 0) {
    return;
  }
  const health = new HealthState();
  let reason = 'starting';
  health.check('start', () => reason);
  const server = await startHealthServer(HealthModule.of(health), config, logger);
  const { kafka, registry } = connectionsOf(config, 'odoo-relay-control-start', { metrics, logger });
  const patience = new Patience(config, logger, (why) => (reason = why));
  const address = {
    url: config.DATABASE_URL,
    variable: 'DATABASE_URL',
    applicationName: 'odoo-relay-control',
  };
  try {
    await patience.for(async () => (await connectPostgres(address)).end());
    await patience.for(() => kafka.topicsWithPrefix(''));
    await patience.for(() => registry.versions(deliveryTopics.attempts, 'value'));
  } finally {
    await kafka.close();
    await server.close();
  }
}
