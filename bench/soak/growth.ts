export interface Sample {
  atMs: number;
  rssMb: number;
  openFiles: number;
}

export interface Growth {
  /** Means of the second and of the last quarter: the first one warms up. */
  second: number;
  last: number;
  ratio: number;
}

export function growth(samples: readonly Sample[], of: (sample: Sample) => number): Growth {
  const quarter = Math.floor(samples.length / 4);
  const second = mean(samples.slice(quarter, 2 * quarter).map(of));
  const last = mean(samples.slice(3 * quarter).map(of));
  return { second: rounded(second), last: rounded(last), ratio: rounded(last / second) };
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function rounded(value: number): number {
  return Math.round(value * 100) / 100;
}
