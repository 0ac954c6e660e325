import { Module, type DynamicModule } from '@nestjs/common';
import type { AccountParts } from '../accounts/account-parts.js';
import { Visitors } from '../accounts/visitors.js';
import { ApplicationCredentials } from '../applications/application-credentials.js';
import { pageLogger } from '../pages/page-filter.js';
import { ConsentController } from './consent.controller.js';
import { OAuth2 } from './oauth2.js';

@Module({})
export class OAuth2Module {
  static of(
    oauth2: OAuth2,
    credentials: ApplicationCredentials,
    { visitors, logger }: AccountParts,
  ): DynamicModule {
    return {
      module: OAuth2Module,
      controllers: [ConsentController],
      providers: [
        { provide: OAuth2, useValue: oauth2 },
        { provide: Visitors, useValue: visitors },
        { provide: ApplicationCredentials, useValue: credentials },
        { provide: pageLogger, useValue: logger },
      ],
    };
  }
}
