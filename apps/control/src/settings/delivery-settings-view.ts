import { ApiProperty } from '@nestjs/swagger';

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
}

export class DatabaseSettingsView extends DeliverySettingsView {
  @ApiProperty({ type: String, example: 'acme' })
  database!: string;
}
