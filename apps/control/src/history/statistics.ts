import type { DataSource } from 'typeorm';
import type { Principal } from '../access/principal.js';
import { Problem } from '../http/problem.js';
import { isOutOfTime } from '../persistence/postgres-errors.js';
import { controlSchema } from '../persistence/rows.js';
import { conditionsOf } from './attempt-search.js';
import { requestOutcomes } from './outcomes.js';
import type { StatisticsStepView, StatisticsView } from './statistics-view.js';

const minuteMs = 60_000;
const steps = {
  '1m': minuteMs,
  '5m': 5 * minuteMs,
  '15m': 15 * minuteMs,
  '1h': 60 * minuteMs,
  '6h': 360 * minuteMs,
  '1d': 1_440 * minuteMs,
} as const;

export type StepName = keyof typeof steps;
export const stepNames = Object.keys(steps) as StepName[];
export const maxSteps = 1_500;

export interface StatisticsPeriod {
  sinceMs: number;
  untilMs: number;
  step: StepName;
}

/** One outcome of one step; of all outcomes together where it has none. */
interface Counted {
  step: string | null;
  outcome: string | null;
  count: string;
  latencies: number[] | null;
}

const noLatency = [null, null, null] as const;

/** How many steps a period has. */
export function stepsIn({ sinceMs, untilMs, step }: StatisticsPeriod): number {
  return Math.ceil((untilMs - sinceMs) / steps[step]);
}

/** Counts a subscription's attempts. */
export class Statistics {
  constructor(private readonly dataSource: DataSource) {}

  /** @throws Problem where there are too many to count in time */
  async of(by: Principal, subscriptionId: string, period: StatisticsPeriod): Promise<StatisticsView> {
    const counted = await this.count(by, subscriptionId, period);
    const { sinceMs, untilMs, step } = period;
    const stepMs = steps[step];
    const views = Array.from({ length: stepsIn(period) }, (_, index) =>
      viewOf(
        sinceMs + index * stepMs,
        counted.filter((row) => row.step !== null && Number(row.step) === index),
      ),
    );
    return {
      subscriptionId,
      since: timeText(sinceMs),
      until: timeText(untilMs),
      step,
      total: viewOf(
        sinceMs,
        counted.filter((row) => row.step === null),
      ),
      steps: views,
    };
  }

  private async count(by: Principal, subscriptionId: string, period: StatisticsPeriod): Promise<Counted[]> {
    const { sinceMs, untilMs, step } = period;
    const conditions = conditionsOf(by, { subscriptionId, sinceMs, untilMs });
    const since = conditions.parameter(sinceMs);
    const stepMs = conditions.parameter(steps[step]);
    const requests = conditions.parameter(requestOutcomes);
    try {
      return await this.dataSource.query(
        `SELECT step, outcome, count(*) AS count,
           percentile_disc(ARRAY[0.5, 0.95, 0.99]) WITHIN GROUP (ORDER BY duration_ms)
             FILTER (WHERE outcome = ANY(${requests}::text[])) AS latencies
         FROM (
           SELECT (at_ms - ${since}::bigint) / ${stepMs}::bigint AS step, outcome, duration_ms
           FROM ${controlSchema}.attempts WHERE ${conditions.sql}
         ) attempt
         GROUP BY GROUPING SETS ((step, outcome), (step), (outcome), ())
         HAVING count(*) > 0`,
        conditions.parameters,
      );
    } catch (error) {
      throw isOutOfTime(error) ? tooMany() : error;
    }
  }
}

function viewOf(fromMs: number, counted: readonly Counted[]): StatisticsStepView {
  const outcomes = Object.fromEntries(
    counted.flatMap(({ outcome, count }) => (outcome === null ? [] : [[outcome, Number(count)]])),
  );
  const requests = requestOutcomes.reduce((sum, outcome) => sum + (outcomes[outcome] ?? 0), 0);
  const [p50 = null, p95 = null, p99 = null] =
    counted.find(({ outcome }) => outcome === null)?.latencies ?? noLatency;
  return {
    from: timeText(fromMs),
    outcomes,
    requests,
    successShare: requests === 0 ? null : (outcomes['delivered'] ?? 0) / requests,
    latencyMs: { p50, p95, p99 },
  };
}

function timeText(timeMs: number): string {
  return new Date(timeMs).toISOString();
}

function tooMany(): Problem {
  const message = 'is so long that its attempts cannot be counted in time: ask for a shorter one, in parts';
  return Problem.ofFields([{ field: 'until', code: 'too_many', message }]);
}
