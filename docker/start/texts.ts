import type { StartOptions } from './arguments.js';
import type { RunningEnvironment } from './environment.js';
import { withoutPassword } from './odoo-database.js';
import type { SampleReceiver } from './receiver.js';
import type { Addresses } from './summary.js';

/** The first screen: what is about to happen. */
export function welcome(options: StartOptions): string {
  const what = options.sample
    ? [
        'A sample warehouse works in a small Odoo database. Every committed change goes once and in order into a',
        'Kafka topic, and three subscribers get what they asked for as signed webhooks: new products (JSON), stock',
        '(XML), confirmed quotations (JSON; that receiver fails now and then, so you see retries).',
      ]
    : [
        'Every committed change of your Odoo database goes once and in order into a Kafka topic, and to whoever',
        'subscribes, as a signed webhook. Nothing is written to your data; triggers and a schema "relay" are added.',
      ];
  const end =
    options.forSeconds === undefined
      ? []
      : [
          `After ${options.forSeconds} s it stops${options.sample ? ', checks that nothing was lost,' : ''} and ends.`,
        ];
  return ['', 'Odoo Relay', '', ...what, ...end, ''].join('\n');
}

export function addressesOf(
  environment: RunningEnvironment,
  controlUrl: string,
  receiver: SampleReceiver | undefined,
): Addresses {
  const { stack } = environment;
  return {
    apiDocumentation: `${controlUrl}/v1/docs`,
    receiver: receiver?.urlOf(''),
    brokers: stack.brokers,
    schemaRegistryUrl: stack.schemaRegistryUrl,
    odooDatabase: withoutPassword(environment.odooDatabaseUrl),
    controlDatabase: withoutPassword(environment.controlDatabaseUrl),
    logDirectory: environment.logDirectory,
  };
}

/** How to subscribe, for a run without the sample's subscriptions. */
export function subscribeYourself(controlUrl: string, database: string): string {
  return `Topics: odoo.${database}.<table>. To subscribe (a receiver on a private address has to be named in ALLOWED_RECEIVERS):

  curl -X POST ${controlUrl}/v1/subscriptions \\
    -H "Authorization: Bearer $(node -p 'require("./run/stack.json").adminKey')" -H 'Content-Type: application/json' \\
    -d '{"database": "${database}", "eventTypes": ["product.created"], "url": "https://example.com/hook"}'
`;
}
