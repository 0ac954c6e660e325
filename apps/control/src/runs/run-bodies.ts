import { ApiPropertyOptional } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import { IsBoolean } from 'class-validator';
import { MayBeLeftOut, WholeNumber } from '../http/field-checks.js';

export const defaultRatePerSecond = 50;

const rates = { min: 1, max: 10_000 };
const pageSizes = { min: 1, max: 200 };

/** What every run can be begun with. */
export class RunBody {
  @ApiPropertyOptional({ type: Boolean, default: false, description: 'count, and send nothing' })
  @IsBoolean({ message: 'must be true or false' })
  @MayBeLeftOut()
  dryRun?: boolean;

  @ApiPropertyOptional({
    type: 'integer',
    minimum: rates.min,
    maximum: rates.max,
    default: defaultRatePerSecond,
    description: 'at most so many are sent a second',
  })
  @WholeNumber(rates)
  @MayBeLeftOut()
  ratePerS?: number;
}

/** Its cursor is the id of a run of the kind that is listed. */
export class RunPageQuery {
  @ApiPropertyOptional({ type: 'integer', minimum: pageSizes.min, maximum: pageSizes.max, default: 50 })
  @WholeNumber(pageSizes)
  @Type(() => Number)
  @MayBeLeftOut()
  limit?: number;
}
