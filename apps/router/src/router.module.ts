import { Module, type DynamicModule } from '@nestjs/common';
import { HealthModule, type HealthState } from '#libs/process';

/** What the router serves over HTTP: its probes. The data path is no part of Nest. */
@Module({})
export class RouterModule {
  static of(health: HealthState): DynamicModule {
    return { module: RouterModule, imports: [HealthModule.of(health)] };
  }
}
