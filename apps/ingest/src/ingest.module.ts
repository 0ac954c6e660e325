import { Module, type DynamicModule } from '@nestjs/common';
import { HealthModule, type HealthState } from '#libs/process';

@Module({})
export class IngestModule {
  static of(health: HealthState): DynamicModule {
    return { module: IngestModule, imports: [HealthModule.of(health)] };
  }
}
