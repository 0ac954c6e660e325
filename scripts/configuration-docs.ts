import { controlConfigTable } from '../apps/control/src/configuration.js';
import { deliverySettings } from '../apps/delivery/src/settings.js';
import { ingestSettings } from '../apps/ingest/src/settings.js';
import { routerSettings } from '../apps/router/src/settings.js';
import { describeConfig, type ConfigTable } from '#libs/config';

/** The settings of each app. */
export const appSettings: Readonly<Record<string, ConfigTable>> = {
  ingest: ingestSettings,
  router: routerSettings,
  delivery: deliverySettings,
  control: controlConfigTable,
};

/** The text of docs/configuration.md and of .env.example, both made from the apps' configuration tables. */
export function configurationDocs(): { page: string; example: string } {
  const sections = Object.entries(appSettings).map(([app, table]) => section(app, table));
  const page = [
    '# Configuration',
    '',
    'Environment variables of each app, read and checked all at once when it starts. Made from the tables in the code by `npm run docs`.',
    '',
    ...sections,
  ].join('\n');
  return { page: `${page.trimEnd()}\n`, example: example() };
}

function section(app: string, table: ConfigTable): string {
  const rows = describeConfig(table).map(
    ({ name, type, default: standard, description }) =>
      `| \`${name}\` | ${type} | ${shown(standard)} | ${description.replaceAll('|', '\\|')} |`,
  );
  return [`## ${app}`, '', '| variable | type | default | meaning |', '|---|---|---|---|', ...rows, ''].join(
    '\n',
  );
}

function shown(standard: string): string {
  return standard === 'required' ? '**required**' : standard === '' ? 'empty' : `\`${standard}\``;
}

/** Every variable once, in the order in which the apps name them. */
function example(): string {
  const lines = new Map<string, string>();
  for (const table of Object.values(appSettings)) {
    for (const { name, default: standard, description } of describeConfig(table)) {
      const value = standard === 'required' ? `${name}=` : `# ${name}=${standard}`;
      lines.set(name, lines.get(name) ?? `# ${description}\n${value}\n`);
    }
  }
  return [...lines.values()].join('\n');
}
