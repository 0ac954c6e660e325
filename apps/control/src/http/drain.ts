import type { RequestHandler } from 'express';
import { delay } from '#libs/process';

/**
 * The end of a server that others keep connections to. A connection that is closed while a request is on its way
 * loses that request, and its sender cannot know whether it was taken. So for a while each answer says that it is the
 * last one on its connection; what is idle then belongs to nobody who has anything to ask.
 */
export class Drain {
  private isEnding = false;

  readonly middleware: RequestHandler = (_request, response, next) => {
    if (this.isEnding) {
      response.setHeader('connection', 'close');
    }
    next();
  };

  constructor(private readonly drainMs: number) {}

  /** Resolves when the while is over. */
  async pass(): Promise<void> {
    this.isEnding = true;
    await delay(this.drainMs);
  }
}
