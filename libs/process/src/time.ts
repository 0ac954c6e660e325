/** Resolves after `milliseconds`, or at once when the signal aborts. */
export function delay(milliseconds: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted === true) {
      resolve();
      return;
    }
    const finish = (): void => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', finish);
      resolve();
    };
    const timer = setTimeout(finish, milliseconds);
    signal?.addEventListener('abort', finish, { once: true });
  });
}

/**
 * Runs `task` every `intervalMs`, never twice at the same time; the returned function stops it and resolves
 * when a run that is under way has ended. `task` must not throw.
 */
export function every(intervalMs: number, task: () => Promise<void>): () => Promise<void> {
  const abort = new AbortController();
  const loop = async (): Promise<void> => {
    for (;;) {
      await delay(intervalMs, abort.signal);
      if (abort.signal.aborted) {
        return;
      }
      await task();
    }
  };
  const ended = loop();
  return () => {
    abort.abort();
    return ended;
  };
}
