import { describe, expect, it } from '@jest/globals';
import { addressLines, LiveSummary, type LiveFigures, type Screen } from './summary.js';

const figures: LiveFigures = {
  seconds: 75.4,
  changes: 12_345,
  delivered: 678,
  retries: 9,
  dead: 1,
  superseded: 0,
  rejected: 0,
  lag: { router: 2n, delivery: 3n },
  commitToReceiptMs: { p50: 12.3, p99: 45.6 },
};

class FakeScreen implements Screen {
  written = '';

  constructor(
    readonly isTTY: boolean,
    readonly columns = 100,
  ) {}

  write(text: string): void {
    this.written += text;
  }
}

describe('the live summary', () => {
  it('is redrawn in place on a terminal, without colours', () => {
    const screen = new FakeScreen(true);
    const summary = new LiveSummary(screen, true);
    summary.show(figures);
    const first = screen.written;
    screen.written = '';
    summary.show({ ...figures, changes: 12_346 });
    expect(first).toContain('01:15  changes 12,345');
    expect(first).toContain('p50 12.3 ms  p99 45.6 ms');
    expect(screen.written.startsWith('\u001b[2A\r')).toBe(true);
    // eslint-disable-next-line no-control-regex
    expect(screen.written).not.toMatch(/\u001b\[[0-9;]*m/);
  });

  it('never writes a line that is wider than the terminal', () => {
    const screen = new FakeScreen(true, 40);
    new LiveSummary(screen, true).show(figures);
    // eslint-disable-next-line no-control-regex
    const lines = screen.written.replaceAll(/\u001b\[\d*[A-Z]|\r/g, '').split('\n');
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThan(40);
  });

  it('is one line now and then where there is no terminal', () => {
    const screen = new FakeScreen(false);
    const summary = new LiveSummary(screen, true);
    summary.show(figures);
    summary.show(figures);
    expect(screen.written).toBe(
      '01:15 changes 12345, delivered 678, retries 9, dead 1, lag 2/3, commit to receipt p50 12.3 ms p99 45.6 ms\n',
    );
  });

  it.each([
    [true, 'superseded 4'],
    [false, 'dead 1, superseded 4, lag'],
  ])('tells of superseded deliveries once there are some (terminal: %s)', (isTTY, says) => {
    const screen = new FakeScreen(isTTY);
    new LiveSummary(screen, true).show({ ...figures, superseded: 4 });
    expect(screen.written).toContain(says);
    screen.written = '';
    new LiveSummary(screen, true).show(figures);
    expect(screen.written).not.toContain('superseded');
  });
});

describe('the addresses', () => {
  it('name the receiver only where there is one', () => {
    const addresses = {
      apiDocumentation: 'http://127.0.0.1:1/v1/docs',
      brokers: ['127.0.0.1:2'],
      schemaRegistryUrl: 'http://127.0.0.1:3',
      odooDatabase: 'postgres://127.0.0.1/odoo',
      controlDatabase: 'postgres://127.0.0.1/control',
      logDirectory: 'run/logs',
    };
    expect(addressLines({ ...addresses, receiver: 'http://127.0.0.1:4' }).join()).toContain(
      'Sample receiver',
    );
    expect(addressLines({ ...addresses, receiver: undefined }).join()).not.toContain('Sample receiver');
  });
});
