import { Module, type DynamicModule } from '@nestjs/common';
import type { Logger } from '#libs/telemetry';
import { pageLogger } from '../pages/page-filter.js';
import { OAuth1AuthorizationController } from './oauth1-authorization.controller.js';
import { OAuth1Parts } from './oauth1-parts.js';
import { OAuth1TokensController } from './oauth1-tokens.controller.js';

@Module({})
export class OAuth1Module {
  static of(parts: OAuth1Parts, logger: Logger): DynamicModule {
    return {
      module: OAuth1Module,
      controllers: [OAuth1TokensController, OAuth1AuthorizationController],
      providers: [
        { provide: OAuth1Parts, useValue: parts },
        { provide: pageLogger, useValue: logger },
      ],
    };
  }
}
