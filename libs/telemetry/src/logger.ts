import { destination, pino, type Logger } from 'pino';

export type { Logger } from 'pino';

const levels = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const;

/**
 * One JSON object a line on standard output. ERROR and above mean that someone must act; what mends itself is
 * WARN. Written synchronously, so that a process that ends has said why.
 */
export function createLogger(app: string, level: string): Logger {
  const known = levels.find((name) => name === level) ?? 'info';
  return pino({ level: known, base: { app } }, destination({ fd: 1, sync: true }));
}

/** For tests and tools that print for themselves. */
export const silentLogger: Logger = pino({ level: 'silent' });

/** For a program that a person watches: only the sentences. */
export function plainLogger(print: (sentence: string) => void): Logger {
  return pino(
    { level: 'info' },
    {
      write: (line) => {
        print(String((JSON.parse(line) as { msg?: unknown }).msg));
      },
    },
  );
}
