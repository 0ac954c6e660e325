import { Module, type DynamicModule } from '@nestjs/common';
import { OAuth1AuthorizationController } from './oauth1-authorization.controller.js';
import { OAuth1Parts } from './oauth1-parts.js';
import { OAuth1TokensController } from './oauth1-tokens.controller.js';

@Module({})
export class OAuth1Module {
  static of(parts: OAuth1Parts): DynamicModule {
    return {
      module: OAuth1Module,
      controllers: [OAuth1TokensController, OAuth1AuthorizationController],
      providers: [{ provide: OAuth1Parts, useValue: parts }],
    };
  }
}
