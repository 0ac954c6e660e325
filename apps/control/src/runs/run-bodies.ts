import { ApiPropertyOptional } from '@nestjs/swagger';
import { IsBoolean } from 'class-validator';
import { MayBeLeftOut, WholeNumber } from '../http/field-checks.js';

export const defaultRatePerSecond = 50;

const rates = { min: 1, max: 10_000 };

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
