import { Module, type DynamicModule } from '@nestjs/common';
import { HealthModule, type HealthState } from '#libs/process';

/** What delivery serves over HTTP: its probes. The data path is no part of Nest. */
@Module({})
export class DeliveryModule {
  static of(health: HealthState): DynamicModule {
    return { module: DeliveryModule, imports: [HealthModule.of(health)] };
  }
}
