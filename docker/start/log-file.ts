import { closeSync, openSync, readSync, statSync } from 'node:fs';

const maxLogBytes = 16 * 1024 * 1024;
const maxReadBytes = 256 * 1024;

/** The part of a log file that one process has written: JSON lines of pino, and whatever Node itself printed. */
export class LogFile {
  readonly descriptor: number;
  private readonly start: number;

  /** Appends; a file that has grown too large begins anew. */
  constructor(readonly path: string) {
    const size = sizeOf(path);
    const keep = size < maxLogBytes;
    this.descriptor = openSync(path, keep ? 'a+' : 'w+');
    this.start = keep ? size : 0;
  }

  /** The lines written so far, at most the last 256 KB of them. */
  lines(): string[] {
    const size = sizeOf(this.path);
    const from = Math.max(this.start, size - maxReadBytes);
    const bytes = Buffer.alloc(Math.max(0, size - from));
    const read = readSync(this.descriptor, bytes, 0, bytes.length, from);
    return bytes
      .subarray(0, read)
      .toString('utf8')
      .split('\n')
      .filter((line) => line !== '');
  }

  entries(): Record<string, unknown>[] {
    return this.lines().flatMap((line) => {
      try {
        return line.startsWith('{') ? [JSON.parse(line) as Record<string, unknown>] : [];
      } catch {
        return [];
      }
    });
  }

  close(): void {
    closeSync(this.descriptor);
  }
}

function sizeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0;
}
