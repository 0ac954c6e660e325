/** Why a run comes to its end. */
export type EndReason = { kind: 'asked' } | { kind: 'failed'; error: unknown };

/** The one place where the end of a run begins: Ctrl-C, SIGTERM, or something that failed. The first reason counts. */
export class Ending {
  private readonly controller = new AbortController();
  private first: EndReason | undefined;

  get signal(): AbortSignal {
    return this.controller.signal;
  }

  get reason(): EndReason | undefined {
    return this.first;
  }

  ask(): void {
    this.end({ kind: 'asked' });
  }

  fail(error: unknown): void {
    this.end({ kind: 'failed', error });
  }

  /** Makes the end of the run the failure of this promise. */
  watch(promise: Promise<unknown>): void {
    promise.catch((error: unknown) => {
      this.fail(error);
    });
  }

  /** The promise's value, unless the end comes first: then it throws. */
  async orEnd<T>(promise: Promise<T>): Promise<T> {
    promise.catch(() => undefined);
    const { signal } = this;
    return new Promise<T>((resolve, reject) => {
      const onEnd = (): void => {
        reject(signal.reason as Error);
      };
      if (signal.aborted) {
        onEnd();
        return;
      }
      signal.addEventListener('abort', onEnd, { once: true });
      promise.then(resolve, reject).finally(() => {
        signal.removeEventListener('abort', onEnd);
      });
    });
  }

  private end(reason: EndReason): void {
    if (this.first === undefined) {
      this.first = reason;
      this.controller.abort(new Error('the run ends'));
    }
  }
}
