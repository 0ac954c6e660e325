import type { ConfigTable } from './config-table.js';

/** Which receivers may be called: control refuses others when they are entered, delivery when it dials. */
export const outboundSettings = {
  ALLOWED_RECEIVERS: {
    type: 'list',
    default: [],
    description:
      'Receivers that may have a private address: host names, IP addresses or CIDR blocks, each with or without :port',
  },
  ALLOWED_PORTS: {
    type: 'list',
    default: [],
    description:
      'The only ports of receivers on the internet; if empty, these are 80, 443 and those from 1024 on but for ports of known services that are not HTTP. Receivers in ALLOWED_RECEIVERS have the ports that stand there',
  },
  HTTPS_ONLY: {
    type: 'boolean',
    default: false,
    description: 'Whether receivers must have https://, those in ALLOWED_RECEIVERS too',
  },
} as const satisfies ConfigTable;
