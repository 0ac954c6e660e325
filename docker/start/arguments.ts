import { parseArgs } from 'node:util';
import { databaseSlugPattern, defaultModels } from '#libs/change';
import { parseUrl } from '#libs/process';

export interface StartOptions {
  /** Seconds of activity after which it ends by itself; undefined: until Ctrl-C. */
  forSeconds: number | undefined;
  /** With sample data, activity, subscriptions and receiver. */
  sample: boolean;
  /** Tables that were never loaded are published once as they stand. */
  load: boolean;
  /** The user's own Odoo database. */
  odooDatabaseUrl: string | undefined;
  models: readonly string[];
  /** Slug in the topic names; by default made of the database's name. */
  database: string | undefined;
  existing: {
    brokers: readonly string[] | undefined;
    schemaRegistryUrl: string | undefined;
    databaseUrl: string | undefined;
  };
  /** For control's API; 0 for any free port. */
  controlPort: number;
  /** Private receivers that the user allows besides the sample's own. */
  allowedReceivers: readonly string[];
  /** Before every topic, for several installations in one cluster. */
  topicPrefix: string;
}

export type ParsedArguments =
  | { kind: 'run'; options: StartOptions }
  | { kind: 'help'; text: string }
  | { kind: 'wrong'; sentence: string };

type Environment = Readonly<Record<string, string | undefined>>;

const modelPattern = /^[a-z_][a-z0-9_]*(\.[a-z0-9_]+)*$/;

const help = `Usage: npm start -- [options]

Starts Kafka, a schema registry and Postgres, the four apps of Odoo Relay, and a sample Odoo database with
activity, three subscriptions and a receiver that checks every signature.

  --for <seconds>      run for so many seconds of activity, check that nothing is lost, and exit 0 or 1
  --no-sample          no sample data, activity, subscriptions and receiver
  --odoo <url>         your own Odoo database, postgres://user:password@host:port/name (with --no-sample)
  --load               publish the tables once as they are, not only what changes from now on (with --odoo)
  --models <a,b,...>   Odoo models to watch (default: ${defaultModels.slice(0, 3).join(', ')}, ... ${defaultModels.length} in all)
  --database <slug>    the database's name in the topics (default: the name of the Postgres database)
  --help               this text

Environment: KAFKA_BROKERS, SCHEMA_REGISTRY_URL, DATABASE_URL and ODOO_DATABASE_URL point to existing ones that are
used instead of starting one; HTTP_PORT is the port of control's API (default: any free one); ALLOWED_RECEIVERS
names private receivers that may be called; KAFKA_TOPIC_PREFIX stands before every topic. ALLOWED_PORTS, HTTPS_ONLY
and OUTBOUND_PROXY are those of the apps (docs/configuration.md).
`;

/** What the command line and the environment ask for, or one sentence on what is wrong with it. */
export function parseArguments(argv: readonly string[], environment: Environment): ParsedArguments {
  try {
    const { values } = parseArgs({
      args: [...argv],
      options: {
        for: { type: 'string' },
        'no-sample': { type: 'boolean', default: false },
        odoo: { type: 'string' },
        load: { type: 'boolean', default: false },
        models: { type: 'string' },
        database: { type: 'string' },
        help: { type: 'boolean', default: false },
      },
    });
    if (values.help) {
      return { kind: 'help', text: help };
    }
    const given = (text: string | undefined, name: string): string | undefined =>
      text ?? variable(environment, name);
    const options: StartOptions = {
      forSeconds: values.for === undefined ? undefined : Number(values.for),
      sample: !values['no-sample'],
      load: values.load,
      odooDatabaseUrl: given(values.odoo, 'ODOO_DATABASE_URL'),
      models: list(values.models) ?? defaultModels,
      database: values.database,
      existing: {
        brokers: list(variable(environment, 'KAFKA_BROKERS')),
        schemaRegistryUrl: variable(environment, 'SCHEMA_REGISTRY_URL'),
        databaseUrl: variable(environment, 'DATABASE_URL'),
      },
      controlPort: Number(variable(environment, 'HTTP_PORT') ?? 0),
      allowedReceivers: list(variable(environment, 'ALLOWED_RECEIVERS')) ?? [],
      topicPrefix: variable(environment, 'KAFKA_TOPIC_PREFIX') ?? '',
    };
    const wrong = firstProblem(options);
    return wrong === undefined ? { kind: 'run', options } : { kind: 'wrong', sentence: wrong };
  } catch (error) {
    return { kind: 'wrong', sentence: `${firstSentence(error)} (npm start -- --help lists the options).` };
  }
}

/** `Acme Prod` -> `acme_prod` */
export function slugOf(databaseUrl: string): string {
  const name = decodeURIComponent(new URL(databaseUrl).pathname.slice(1));
  return name
    .toLowerCase()
    .replaceAll(/[^a-z0-9_-]/g, '_')
    .slice(0, 63);
}

function firstProblem(options: StartOptions): string | undefined {
  const { forSeconds, odooDatabaseUrl, existing } = options;
  if (forSeconds !== undefined && !(forSeconds > 0 && forSeconds <= 86_400 * 7)) {
    return '--for takes a number of seconds above 0, e.g. --for 60.';
  }
  for (const [name, url] of [
    ['--odoo (or ODOO_DATABASE_URL)', odooDatabaseUrl],
    ['DATABASE_URL', existing.databaseUrl],
  ] as const) {
    if (url !== undefined && !isPostgresUrl(url)) {
      return `${name} must be a Postgres URL with the database's name, e.g. postgres://user:password@localhost:5432/odoo.`;
    }
  }
  if (!options.sample && odooDatabaseUrl === undefined) {
    return '--no-sample needs your own Odoo database: --odoo postgres://user:password@host:port/name (or ODOO_DATABASE_URL).';
  }
  if (options.sample && options.load) {
    return '--load is for your own Odoo database: the check of the sample expects only what changes.';
  }
  const model = options.models.find((name) => !modelPattern.test(name));
  if (model !== undefined || options.models.length === 0) {
    return `--models takes Odoo's names of models, separated by commas, e.g. --models sale.order,res.partner; "${model ?? ''}" is none.`;
  }
  if (options.database !== undefined && !databaseSlugPattern.test(options.database)) {
    return '--database takes small letters, digits, "_" and "-", at most 63 of them.';
  }
  return Number.isInteger(options.controlPort) && options.controlPort >= 0 && options.controlPort < 65_536
    ? undefined
    : 'HTTP_PORT must be a port, 0 to 65535.';
}

function isPostgresUrl(text: string): boolean {
  return /^postgres(ql)?:\/\//.test(text) && (parseUrl(text)?.pathname.length ?? 0) > 1;
}

function variable(environment: Environment, name: string): string | undefined {
  const text = environment[name]?.trim();
  return text === '' ? undefined : text;
}

function list(text: string | undefined): readonly string[] | undefined {
  return text
    ?.split(',')
    .map((entry) => entry.trim())
    .filter((entry) => entry !== '');
}

function firstSentence(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return message.split(/\.\s/)[0] ?? message;
}
