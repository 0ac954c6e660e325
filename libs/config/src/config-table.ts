import { parseUrl, RelayError } from '#libs/process';
import { environment } from './environment.js';

interface SettingOf<Type extends string, Value> {
  type: Type;
  /** A setting without a default must be given. */
  default?: Value;
  /** Never printed. */
  secret?: boolean;
  description: string;
}

/** One line of an app's configuration table. Durations and sizes carry their unit in the name. */
export type Setting =
  | SettingOf<'text', string>
  | SettingOf<'url', string>
  | SettingOf<'list', readonly string[]>
  | SettingOf<'boolean', boolean>
  | (SettingOf<'integer', number> & { min?: number; max?: number });

export type ConfigTable = Readonly<Record<string, Setting>>;

type ValueOf<S extends Setting> = S extends { type: 'integer' }
  ? number
  : S extends { type: 'boolean' }
    ? boolean
    : S extends { type: 'list' }
      ? readonly string[]
      : string;

export type ConfigValues<Table extends ConfigTable> = {
  readonly [Name in keyof Table]: ValueOf<Table[Name]>;
};

type Parsed = { kind: 'value'; value: unknown } | { kind: 'problem'; problem: string };

/**
 * Reads a table's settings from the environment and checks them all at once.
 * @throws RelayError CONFIG_INVALID naming every setting that is missing or wrong, never a secret's value.
 */
export function loadConfig<Table extends ConfigTable>(
  table: Table,
  source: Readonly<Record<string, string | undefined>> = environment(),
): ConfigValues<Table> {
  const values: Record<string, unknown> = {};
  const problems: string[] = [];
  for (const [name, setting] of Object.entries(table)) {
    const parsed = parse(setting, source[name]);
    if (parsed.kind === 'value') {
      values[name] = parsed.value;
    } else {
      problems.push(`${name} ${parsed.problem} (${setting.description})`);
    }
  }
  if (problems.length > 0) {
    throw new RelayError('CONFIG_INVALID', `configuration: ${problems.join('; ')}`);
  }
  return values as ConfigValues<Table>;
}

function parse(setting: Setting, given: string | undefined): Parsed {
  const text = given?.trim() ?? '';
  if (text === '') {
    return setting.default === undefined
      ? { kind: 'problem', problem: 'is not set' }
      : { kind: 'value', value: setting.default };
  }
  const shown = setting.secret === true ? 'the given value' : `"${text}"`;
  switch (setting.type) {
    case 'text':
      return { kind: 'value', value: text };
    case 'url':
      return parseUrl(text) !== undefined
        ? { kind: 'value', value: text }
        : { kind: 'problem', problem: `is no URL: ${shown}` };
    case 'list': {
      const entries = text.split(',').map((entry) => entry.trim());
      return { kind: 'value', value: entries.filter((entry) => entry !== '') };
    }
    case 'boolean':
      return text === 'true' || text === 'false'
        ? { kind: 'value', value: text === 'true' }
        : { kind: 'problem', problem: `must be true or false, not ${shown}` };
    case 'integer':
      return parseInteger(setting, text, shown);
  }
}

function parseInteger(setting: { min?: number; max?: number }, text: string, shown: string): Parsed {
  const value = Number(text);
  const min = setting.min ?? 0;
  const max = setting.max ?? Number.MAX_SAFE_INTEGER;
  if (!/^-?\d+$/.test(text) || value < min || value > max) {
    return {
      kind: 'problem',
      problem: `must be a whole number from ${String(min)} to ${String(max)}, not ${shown}`,
    };
  }
  return { kind: 'value', value };
}

/** The configuration for a log line: secrets as ***, passwords in URLs removed. */
export function maskedConfig<Table extends ConfigTable>(
  table: Table,
  values: ConfigValues<Table>,
): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(table).map(([name, setting]) => [name, mask(setting, values[name])]),
  );
}

function mask(setting: Setting, value: unknown): unknown {
  if (setting.secret === true) {
    return '***';
  }
  return typeof value === 'string' ? value.replace(/\/\/([^:/@]+):[^@/]*@/, '//$1:***@') : value;
}

/** A table as lines for `.env.example` and the documentation: name, default or "required", description. */
export function describeConfig(
  table: ConfigTable,
): { name: string; type: string; default: string; description: string }[] {
  return Object.entries(table).map(([name, setting]) => ({
    name,
    type: setting.type,
    default: setting.default === undefined ? 'required' : String(setting.default),
    description: setting.description + (setting.secret === true ? ' (secret)' : ''),
  }));
}
