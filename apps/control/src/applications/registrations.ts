import type { DataSource } from 'typeorm';
import type { ApplicationCredentials } from './application-credentials.js';
import type { RegisteredApplicationView } from './application-view.js';
import { ordinaryScopes, type Applications, type GivenApplication } from './applications.js';

/** So that nobody fills the table. */
const maxPending = 1_000;

export interface RegistrationParts {
  dataSource: DataSource;
  applications: Applications;
  credentials: ApplicationCredentials;
}

/** Applications that register themselves, and wait for approval. */
export class Registrations {
  constructor(
    readonly areOpen: boolean,
    private readonly parts: RegistrationParts,
  ) {}

  async register(given: GivenApplication): Promise<RegisteredApplicationView | 'too many'> {
    const { dataSource, applications, credentials } = this.parts;
    if ((await applications.pendingCount()) >= maxPending) {
      return 'too many';
    }
    return dataSource.transaction(async (manager) => {
      const scopes = given.scopes ?? [...ordinaryScopes];
      const application = await applications.createIn(manager, { ...given, scopes, state: 'pending' });
      const key = {
        applicationId: application.id,
        kind: 'api-key',
        name: 'registration',
        publicKey: null,
        authMethod: null,
      } as const;
      const { secret } = await credentials.createIn(manager, { ...key, scopes });
      return Object.assign(applications.writtenView(application), { apiKey: secret });
    });
  }
}
