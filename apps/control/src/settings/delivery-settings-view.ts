import { ApiProperty } from '@nestjs/swagger';
import type { Ordering } from '#libs/subscription';

/** Settings that hold. All durations in milliseconds. */
export class DeliverySettingsView {
  @ApiProperty({ type: 'integer', example: 5_000 })
  timeoutMs!: number;

  @ApiProperty({ type: 'array', items: { type: 'integer' }, example: [5_000, 300_000] })
  retryDelaysMs!: readonly number[];

  @ApiProperty({ type: 'integer', example: 5 })
  disableAfter!: number;

  @ApiProperty({ type: 'integer', example: 259_200_000 })
  expiresAfterMs!: number;

  @ApiProperty({ enum: ['none', 'latest'], example: 'none' })
  ordering!: Ordering;

  @ApiProperty({
    type: 'integer',
    nullable: true,
    example: null,
    description: 'requests under way at once to the endpoint; null where only the limit of delivery holds',
  })
  concurrency!: number | null;

  @ApiProperty({
    type: 'integer',
    nullable: true,
    example: null,
    description: 'requests a second to the endpoint; null for no limit',
  })
  rateLimitPerS!: number | null;
}

export class DatabaseSettingsView extends DeliverySettingsView {
  @ApiProperty({ type: String, example: 'acme' })
  database!: string;
}
