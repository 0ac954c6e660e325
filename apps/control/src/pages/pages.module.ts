import { Module, type DynamicModule } from '@nestjs/common';
import type { AccountParts } from '../accounts/account-parts.js';
import { AccountsController } from '../accounts/accounts.controller.js';
import { Accounts } from '../accounts/accounts.js';
import { Consents } from '../consents/consents.js';
import { ExternalVisits } from '../accounts/external-visits.js';
import { SecondFactor } from '../accounts/second-factor.js';
import { SignIn } from '../accounts/sign-in.js';
import { Visitors } from '../accounts/visitors.js';
import { PublicUrl } from '../http/public-url.js';
import { ExternalSignInController } from './external-sign-in.controller.js';
import { pageLogger } from './page-filter.js';
import { AccountController } from './account.controller.js';
import { AllowedApplicationsController } from './allowed-applications.controller.js';
import { InvitationController } from './invitation.controller.js';
import { SignInController } from './sign-in.controller.js';

/** Accounts over the API, and the pages on which people use them. */
@Module({})
export class PagesModule {
  static of(parts: AccountParts, consents: Consents): DynamicModule {
    return {
      module: PagesModule,
      controllers: [
        AccountsController,
        SignInController,
        AccountController,
        AllowedApplicationsController,
        InvitationController,
        ExternalSignInController,
      ],
      providers: [
        { provide: Consents, useValue: consents },
        { provide: PublicUrl, useValue: parts.publicUrl },
        { provide: Accounts, useValue: parts.accounts },
        { provide: SecondFactor, useValue: parts.secondFactor },
        { provide: SignIn, useValue: parts.signIn },
        { provide: Visitors, useValue: parts.visitors },
        { provide: ExternalVisits, useValue: parts.external },
        { provide: pageLogger, useValue: parts.logger },
      ],
    };
  }
}
