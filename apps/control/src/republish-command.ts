import { parseArgs } from 'node:util';
import { loadConfig } from '#libs/config';
import { connectionsOf } from '#libs/kafka';
import { messageOf, RelayError } from '#libs/process';
import { subscriptionTopicSpecs } from '#libs/subscription';
import type { Logger } from '#libs/telemetry';
import { controlConfigTable } from './configuration.js';
import { ControlMetrics } from './control-metrics.js';
import { Outbox } from './feed/outbox.js';
import { republish, type Republished } from './feed/republication.js';
import { openDataSource } from './persistence/data-source.js';
import { runCommand } from './run-command.js';

type Source = Readonly<Record<string, string | undefined>>;

/**
 * `control republish [--remove-unknown]`: has `relay.subscriptions` brought to what the database says, after one of
 * the two was lost or restored. The instances of control that run, or the next one, publish what it names.
 */
export async function runRepublishCommand(
  logger: Logger,
  args: readonly string[],
  source?: Source,
): Promise<number> {
  return runCommand(logger, async () => {
    const removesUnknown = parse(args);
    const { published, unknown } = await run(logger, removesUnknown, source);
    logger.info({ published }, 'all subscriptions are to be published as the database has them');
    if (unknown.length > 0) {
      logger.warn(
        { subscriptions: unknown },
        removesUnknown
          ? 'these subscriptions, which only the topic has, are to be removed from it'
          : 'only the topic has these subscriptions: they are delivered to, and nobody can change them; --remove-unknown removes them',
      );
    }
  });
}

function parse(args: readonly string[]): boolean {
  try {
    const { values } = parseArgs({ args: [...args], options: { 'remove-unknown': { type: 'boolean' } } });
    return values['remove-unknown'] === true;
  } catch (error) {
    throw new RelayError('USAGE', `control republish takes --remove-unknown alone: ${messageOf(error)}`);
  }
}

async function run(
  logger: Logger,
  removesUnknown: boolean,
  source: Source | undefined,
): Promise<Republished> {
  const config = loadConfig(controlConfigTable, source);
  logger.level = config.LOG_LEVEL;
  const { kafka } = connectionsOf(config, 'odoo-relay-control', {
    metrics: new ControlMetrics().kafka,
    logger,
  });
  try {
    await kafka.ensureTopics(subscriptionTopicSpecs);
    const dataSource = await openDataSource(config.DATABASE_URL, logger);
    try {
      return await republish({ dataSource, outbox: new Outbox(dataSource), kafka }, removesUnknown);
    } finally {
      await dataSource.destroy();
    }
  } finally {
    await kafka.close();
  }
}
