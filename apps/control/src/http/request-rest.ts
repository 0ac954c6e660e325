import type { Request } from 'express';

const maxBytes = 1_048_576;
const maxWaitMs = 500;

/**
 * Reads what is still to come of a request that is refused, but not all of a large or slow one: who is still sending
 * when the connection is closed would not see the answer. `done` is told whether the request has ended.
 */
export function readRest(request: Request, done: (hasEnded: boolean) => void): void {
  if (request.readableEnded || request.destroyed) {
    done(request.complete);
    return;
  }
  let bytes = 0;
  const count = (chunk: Buffer): void => {
    bytes += chunk.length;
    if (bytes > maxBytes) {
      end();
    }
  };
  const end = (): void => {
    clearTimeout(timer);
    request.off('data', count).off('end', end).off('close', end).pause();
    done(request.complete);
  };
  const timer = setTimeout(end, maxWaitMs);
  request.on('data', count).on('end', end).on('close', end).resume();
}
