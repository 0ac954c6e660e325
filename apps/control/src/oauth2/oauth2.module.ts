import { Module, type DynamicModule } from '@nestjs/common';
import { Visitors } from '../accounts/visitors.js';
import { ApplicationCredentials } from '../applications/application-credentials.js';
import { ConsentController } from './consent.controller.js';
import { OAuth2 } from './oauth2.js';

@Module({})
export class OAuth2Module {
  static of(oauth2: OAuth2, visitors: Visitors, credentials: ApplicationCredentials): DynamicModule {
    return {
      module: OAuth2Module,
      controllers: [ConsentController],
      providers: [
        { provide: OAuth2, useValue: oauth2 },
        { provide: Visitors, useValue: visitors },
        { provide: ApplicationCredentials, useValue: credentials },
      ],
    };
  }
}
