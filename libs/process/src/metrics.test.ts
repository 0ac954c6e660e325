import { describe, expect, it } from '@jest/globals';
import { Metrics } from './metrics.js';

/** What a scrape says of one metric, the bound of a histogram behind the other labels. */
async function scraped(metrics: Metrics, name: string): Promise<string[]> {
  const text = await metrics.text();
  const lines = text.split('\n').filter((line) => line.includes(name));
  return lines.map((line) => line.replace(/\{(le="[^"]*"),(.*)\}/, '{$2,$1}'));
}

describe('metrics', () => {
  it('show a counter at 0 before anything has happened, so that the first one is seen as a rise', async () => {
    const metrics = new Metrics('sample');
    const count = metrics.counter('relay_sample_things_total', 'Things');
    expect(await scraped(metrics, 'relay_sample_things')).toEqual([
      '# HELP relay_sample_things_total Things',
      '# TYPE relay_sample_things_total counter',
      'relay_sample_things_total 0',
    ]);
    count.inc();
    count.inc(2);
    expect(await scraped(metrics, 'relay_sample_things')).toContain('relay_sample_things_total 3');
  });

  it('put an observation at its bound or below it, and count those above all bounds', async () => {
    const metrics = new Metrics('sample');
    const durations = metrics.durations('relay_sample_seconds', 'Seconds', ['route']);
    [0.005, 0.006, 400].forEach((seconds) => {
      durations.labels('/a"b').observe(seconds);
    });
    const lines = await scraped(metrics, 'relay_sample_seconds');
    expect(lines).toContain(String.raw`relay_sample_seconds_bucket{route="/a\"b",le="0.005"} 1`);
    expect(lines).toContain(String.raw`relay_sample_seconds_bucket{route="/a\"b",le="0.01"} 2`);
    expect(lines).toContain(String.raw`relay_sample_seconds_bucket{route="/a\"b",le="30"} 2`);
    expect(lines).toContain(String.raw`relay_sample_seconds_bucket{route="/a\"b",le="+Inf"} 3`);
    expect(lines).toContain(String.raw`relay_sample_seconds_sum{route="/a\"b"} 400.011`);
    expect(lines).toContain(String.raw`relay_sample_seconds_count{route="/a\"b"} 3`);
  });

  it('ask for what can be seen only when they are scraped, and leave out what is not known', async () => {
    const metrics = new Metrics('sample');
    const seen: { bytes?: number } = {};
    metrics.gauge('relay_sample_size_bytes', 'Size', () => seen.bytes);
    metrics.gauges('relay_sample_states', 'States', ['state'], () => [[['on'], 1]]);
    expect(await scraped(metrics, 'relay_sample_size_bytes ')).toEqual([
      '# HELP relay_sample_size_bytes Size',
      '# TYPE relay_sample_size_bytes gauge',
    ]);
    seen.bytes = 5;
    expect(await scraped(metrics, 'relay_sample_size_bytes ')).toContain('relay_sample_size_bytes 5');
    expect(await scraped(metrics, 'relay_sample_states')).toContain('relay_sample_states{state="on"} 1');
  });

  it('tell of the process itself, and of its event loop', async () => {
    const metrics = new Metrics('sample');
    expect(await scraped(metrics, 'relay_app_info')).toContain('relay_app_info{app="sample"} 1');
    expect(await scraped(metrics, 'nodejs_eventloop_lag_p99_seconds')).toHaveLength(3);
    expect(await scraped(metrics, 'process_resident_memory_bytes')).toHaveLength(3);
  });
});
