import { ApiProperty } from '@nestjs/swagger';

export class LatencyView {
  @ApiProperty({ type: 'integer', nullable: true })
  p50!: number | null;

  @ApiProperty({ type: 'integer', nullable: true })
  p95!: number | null;

  @ApiProperty({ type: 'integer', nullable: true })
  p99!: number | null;
}

export class StatisticsStepView {
  @ApiProperty({ type: String, format: 'date-time', description: 'when it begins' })
  from!: string;

  @ApiProperty({
    type: 'object',
    additionalProperties: { type: 'integer' },
    example: { delivered: 118, failed: 2 },
    description: 'how many attempts had which outcome',
  })
  outcomes!: Record<string, number>;

  @ApiProperty({ type: 'integer', description: 'how many requests were made' })
  requests!: number;

  @ApiProperty({ type: 'number', nullable: true, description: 'of the requests, 0 to 1; null without any' })
  successShare!: number | null;

  @ApiProperty({ type: LatencyView, description: 'how long the requests took' })
  latencyMs!: LatencyView;
}

export class StatisticsView {
  @ApiProperty({ type: String })
  subscriptionId!: string;

  @ApiProperty({ type: String, format: 'date-time' })
  since!: string;

  @ApiProperty({ type: String, format: 'date-time' })
  until!: string;

  @ApiProperty({ type: String, example: '1h' })
  step!: string;

  @ApiProperty({ type: StatisticsStepView, description: 'of the whole time' })
  total!: StatisticsStepView;

  @ApiProperty({ type: [StatisticsStepView], description: 'each step, also those without an attempt' })
  steps!: StatisticsStepView[];
}
