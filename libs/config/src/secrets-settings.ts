import type { ConfigTable } from './config-table.js';

/** Of every app that reads secrets. They must be the same everywhere; docs/secrets.md tells how to replace a key. */
export const secretsSettings = {
  SECRETS_KEY: {
    type: 'text',
    default: '',
    secret: true,
    description:
      '32 random bytes in base64 that signing secrets and credentials are encrypted with, the same for control and delivery; or several with commas between them, of which the first encrypts and all decrypt. Required, unless SECRETS_KEY_FILE is given',
  },
  SECRETS_KEY_FILE: {
    type: 'text',
    default: '',
    description: 'Instead of SECRETS_KEY, the path of a file that holds the same, one key a line',
  },
} as const satisfies ConfigTable;
