import type { Percentiles } from './percentiles.js';

export interface Addresses {
  apiDocumentation: string;
  receiver: string | undefined;
  brokers: readonly string[];
  schemaRegistryUrl: string;
  /** Without a password. */
  odooDatabase: string;
  controlDatabase: string;
  logDirectory: string;
}

export interface LiveFigures {
  seconds: number;
  changes: number;
  delivered: number;
  retries: number;
  dead: number;
  superseded: number;
  rejected: number;
  lag: { router: bigint; delivery: bigint } | undefined;
  commitToReceiptMs: Percentiles;
}

/** Where the summary is written: process.stdout, or a test's. */
export interface Screen {
  isTTY?: boolean | undefined;
  columns?: number | undefined;
  write(text: string): unknown;
}

const plainIntervalMs = 10_000;
const escape = '\u001b[';

export function addressLines(addresses: Addresses): string[] {
  const lines: [string, string][] = [
    ['API documentation', addresses.apiDocumentation],
    ...(addresses.receiver === undefined
      ? []
      : [['Sample receiver', addresses.receiver] as [string, string]]),
    ['Kafka brokers', addresses.brokers.join(', ')],
    ['Schema registry', addresses.schemaRegistryUrl],
    ['Odoo database', addresses.odooDatabase],
    ['Control database', addresses.controlDatabase],
    ['Log files', addresses.logDirectory],
  ];
  return lines.map(([name, value]) => `  ${name.padEnd(19)}${value}`);
}

/**
 * The figures while it runs: on a terminal a few lines that are redrawn in place, elsewhere one line every ten
 * seconds. To be called about once a second.
 */
export class LiveSummary {
  private drawnLines = 0;
  private lastPlainAtMs = -Infinity;

  constructor(
    private readonly screen: Screen,
    private readonly withReceipts: boolean,
  ) {}

  show(figures: LiveFigures): void {
    if (this.screen.isTTY === true) {
      this.redraw(this.blockOf(figures));
    } else if (performance.now() - this.lastPlainAtMs >= plainIntervalMs) {
      this.lastPlainAtMs = performance.now();
      this.screen.write(`${this.plainLine(figures)}\n`);
    }
  }

  private redraw(lines: readonly string[]): void {
    const width = Math.max(20, (this.screen.columns ?? 80) - 1);
    const up = this.drawnLines > 0 ? `${escape}${this.drawnLines}A` : '';
    // One write, and each line is cleared behind its new text: no flicker.
    this.screen.write(up + lines.map((line) => `\r${line.slice(0, width)}${escape}K\n`).join(''));
    this.drawnLines = lines.length;
  }

  private blockOf(figures: LiveFigures): string[] {
    const { changes, delivered, retries, dead, superseded, lag } = figures;
    const cell = (name: string, value: string): string => `${name} ${value}`.padEnd(20);
    return [
      `  ${clockOf(figures.seconds)}  ${cell('changes', count(changes))}${cell('delivered', count(delivered))}${cell('retries', count(retries))}${cell('dead', count(dead))}`,
      `         ${cell('lag router', lag === undefined ? '-' : String(lag.router))}${cell('lag delivery', lag === undefined ? '-' : String(lag.delivery))}${this.receiptCells(figures, cell)}`,
      // Behind the others it would be cut off on most terminals.
      ...(superseded > 0 ? [`         ${cell('superseded', count(superseded))}`] : []),
    ];
  }

  private receiptCells(figures: LiveFigures, cell: (name: string, value: string) => string): string {
    if (!this.withReceipts) {
      return '';
    }
    const { p50, p99 } = figures.commitToReceiptMs;
    const rejected = figures.rejected > 0 ? cell('BAD SIGNATURES', count(figures.rejected)) : '';
    return `commit to receipt   p50 ${milliseconds(p50)}  p99 ${milliseconds(p99)}   ${rejected}`;
  }

  private plainLine(figures: LiveFigures): string {
    const { changes, delivered, retries, dead, superseded, lag, commitToReceiptMs } = figures;
    const leftOut = superseded > 0 ? `, superseded ${superseded}` : '';
    const receipts = this.withReceipts
      ? `, commit to receipt p50 ${milliseconds(commitToReceiptMs.p50)} p99 ${milliseconds(commitToReceiptMs.p99)}`
      : '';
    const behind = lag === undefined ? '-' : `${lag.router}/${lag.delivery}`;
    return `${clockOf(figures.seconds)} changes ${changes}, delivered ${delivered}, retries ${retries}, dead ${dead}${leftOut}, lag ${behind}${receipts}`;
  }
}

function clockOf(seconds: number): string {
  const whole = Math.floor(seconds);
  return `${String(Math.floor(whole / 60)).padStart(2, '0')}:${String(whole % 60).padStart(2, '0')}`;
}

function count(value: number): string {
  return value.toLocaleString('en-US');
}

function milliseconds(value: number | null): string {
  return value === null ? '-' : `${value} ms`;
}
