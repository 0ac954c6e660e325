import { Module, type DynamicModule } from '@nestjs/common';
import { HealthModule, MetricsModule, type HealthState, type Metrics } from '#libs/process';

/** What the router serves over HTTP: its probes and metrics. The data path is no part of Nest. */
@Module({})
export class RouterModule {
  static of(health: HealthState, metrics: Metrics): DynamicModule {
    return { module: RouterModule, imports: [HealthModule.of(health), MetricsModule.of(metrics)] };
  }
}
