/** Milliseconds, rounded to a tenth; null without any value. */
export interface Percentiles {
  p50: number | null;
  p99: number | null;
}

/** Nearest rank, so that every figure is one that was measured. */
export function percentilesOf(valuesMs: readonly number[]): Percentiles {
  const sorted = [...valuesMs].sort((a, b) => a - b);
  const rank = (share: number): number | null => {
    const value = sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)];
    return value === undefined ? null : Math.round(value * 10) / 10;
  };
  return { p50: rank(0.5), p99: rank(0.99) };
}
