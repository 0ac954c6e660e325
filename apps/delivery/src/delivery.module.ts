import { Module, type DynamicModule } from '@nestjs/common';
import { HealthModule, MetricsModule, type HealthState, type Metrics } from '#libs/process';

/** What delivery serves over HTTP: its probes and metrics. The data path is no part of Nest. */
@Module({})
export class DeliveryModule {
  static of(health: HealthState, metrics: Metrics): DynamicModule {
    return { module: DeliveryModule, imports: [HealthModule.of(health), MetricsModule.of(metrics)] };
  }
}
