export interface EventuallyOptions {
  /** Generous: a test that passes never waits for it. */
  readonly timeoutMs?: number;
  readonly pollMs?: number;
  /** Says in the error what was waited for, e.g. with the last state seen. */
  readonly describe?: () => string;
  /** Errors after which asking again is useless. */
  readonly giveUpOn?: (error: unknown) => boolean;
}

/**
 * Asks again and again until the answer is neither false, null nor undefined, and gives it. A question that
 * throws is asked again too; its last error becomes the cause.
 */
export async function eventually<T>(
  ask: () => T | Promise<T>,
  options: EventuallyOptions = {},
): Promise<Exclude<T, false | null | undefined>> {
  const { timeoutMs = 30_000, pollMs = 20, describe } = options;
  const deadline = Date.now() + timeoutMs;
  let lastError: unknown;
  for (;;) {
    try {
      const answer = await ask();
      if (answer !== false && answer !== null && answer !== undefined) {
        return answer as Exclude<T, false | null | undefined>;
      }
      lastError = undefined;
    } catch (error) {
      if (options.giveUpOn?.(error) === true) throw error;
      lastError = error;
    }
    if (Date.now() > deadline) {
      const what = describe?.() ?? ask.toString();
      throw new Error(`Not within ${timeoutMs} ms: ${what}`, { cause: lastError });
    }
    await new Promise((resolve) => setTimeout(resolve, pollMs));
  }
}
