import { ApiPropertyOptional } from '@nestjs/swagger';
import { ArrayMaxSize, IsArray, IsIn, IsOptional } from 'class-validator';
import type { Ordering } from '#libs/subscription';
import { WholeNumber } from '../http/field-checks.js';

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
const maxRetries = 20;
const orderings: readonly Ordering[] = ['none', 'latest'];

const bounds = {
  timeoutMs: { min: 100, max: 60_000 },
  retryDelayMs: { min: 1, max: dayMs },
  retries: { min: 0, max: maxRetries },
  disableAfter: { min: 1, max: 1_000 },
  /** No longer than the topics keep a delivery. */
  expiresAfterMs: { min: 1_000, max: 7 * dayMs },
  concurrency: { min: 1, max: 1_000 },
  rateLimitPerS: { min: 1, max: 10_000 },
} as const;

function documented({ min, max }: { min: number; max: number }, description: string): object {
  return { type: 'integer', minimum: min, maximum: max, nullable: true, description };
}

/** How deliveries are made, as it comes in. null takes a setting back to that of the level above. */
export class DeliverySettingsBody {
  @ApiPropertyOptional(documented(bounds.timeoutMs, 'for the whole request, in milliseconds'))
  @IsOptional()
  @WholeNumber(bounds.timeoutMs)
  timeoutMs?: number | null;

  @ApiPropertyOptional({
    type: 'array',
    items: { type: 'integer', minimum: bounds.retryDelayMs.min, maximum: bounds.retryDelayMs.max },
    maxItems: maxRetries,
    nullable: true,
    description: 'the delay before each retry, in milliseconds; its length is the number of retries',
  })
  @IsOptional()
  @WholeNumber(bounds.retryDelayMs, { each: true })
  @ArrayMaxSize(maxRetries, { message: `must hold at most ${String(maxRetries)} delays` })
  @IsArray({ message: 'must be a list of delays in milliseconds' })
  retryDelaysMs?: number[] | null;

  @ApiPropertyOptional(
    documented(
      bounds.retries,
      'instead of retryDelaysMs: that many retries, at the delays of the level above',
    ),
  )
  @IsOptional()
  @WholeNumber(bounds.retries)
  retries?: number | null;

  @ApiPropertyOptional(
    documented(bounds.disableAfter, 'dead letters in a row after which the subscription is disabled'),
  )
  @IsOptional()
  @WholeNumber(bounds.disableAfter)
  disableAfter?: number | null;

  @ApiPropertyOptional(documented(bounds.expiresAfterMs, 'a delivery that is older is dead, in milliseconds'))
  @IsOptional()
  @WholeNumber(bounds.expiresAfterMs)
  expiresAfterMs?: number | null;

  @ApiPropertyOptional({
    enum: orderings,
    nullable: true,
    description:
      'latest: an older change of a record is not sent any more once a newer one was, or is on its way',
  })
  @IsOptional()
  @IsIn(orderings, { message: 'must be "none" or "latest"' })
  ordering?: Ordering | null;

  @ApiPropertyOptional(documented(bounds.concurrency, 'requests under way at once to the endpoint'))
  @IsOptional()
  @WholeNumber(bounds.concurrency)
  concurrency?: number | null;

  @ApiPropertyOptional(documented(bounds.rateLimitPerS, 'requests a second to the endpoint'))
  @IsOptional()
  @WholeNumber(bounds.rateLimitPerS)
  rateLimitPerS?: number | null;
}
