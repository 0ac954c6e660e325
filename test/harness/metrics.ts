import { readFileSync } from 'node:fs';

/** What an app says at /metrics. */
export class Scrape {
  private constructor(readonly text: string) {}

  static async of(url: string): Promise<Scrape> {
    const response = await fetch(`${url}/metrics`);
    if (!response.ok) throw new Error(`${url}/metrics answers with ${String(response.status)}`);
    return new Scrape(await response.text());
  }

  /** The value of a series, written as Prometheus does: `name{label="value"}`; undefined where there is none. */
  value(series: string): number | undefined {
    const line = this.text.split('\n').find((each) => each.startsWith(`${series} `));
    return line === undefined ? undefined : Number(line.slice(series.length + 1));
  }

  /** Names of our own metrics that docs/metrics.md does not have, with their type. */
  undocumented(): string[] {
    const documented = documentedMetrics();
    return [...this.text.matchAll(/^# TYPE (relay_\S+) (\S+)$/gm)]
      .map(([, name = '', type = '']) => `${name} ${type}`)
      .filter((metric) => !documented.has(metric));
  }
}

/** Of docs/metrics.md: name and type of each line. */
export function documentedMetrics(): ReadonlySet<string> {
  const lines = readFileSync('docs/metrics.md', 'utf8').matchAll(/^\| `(\w+)` \| (\w+) \|/gm);
  return new Set(Array.from(lines, ([, name = '', type = '']) => `${name} ${type}`));
}
