import { Module, type DynamicModule } from '@nestjs/common';
import { HealthModule, MetricsModule, type HealthState, type Metrics } from '#libs/process';

@Module({})
export class IngestModule {
  static of(health: HealthState, metrics: Metrics): DynamicModule {
    return { module: IngestModule, imports: [HealthModule.of(health), MetricsModule.of(metrics)] };
  }
}
