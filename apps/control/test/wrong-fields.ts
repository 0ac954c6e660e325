const known = 'must be a list of event types: see GET /v1/event-types';
export const wholeNumber = (from: number, to: number): string =>
  `must be a whole number from ${from} to ${to}`;
const privateAddress = /private address.*whoever runs this can add it to ALLOWED_RECEIVERS/;

/** A field that is wrong, and what is said of it. */
export interface WrongField {
  what: string;
  fields: Record<string, unknown>;
  field: string;
  code?: string;
  says: string | RegExp;
}

/** Wrong on create and on change. */
export const wrongFields: WrongField[] = [
  {
    what: 'an unknown event type',
    fields: { eventTypes: ['product.creatd'] },
    field: 'eventTypes',
    code: 'unknown_event_type',
    says: /holds "product.creatd", which is no known event type: did you mean "product.created"/,
  },
  {
    what: 'an event type of a model that is not captured',
    fields: { eventTypes: ['crm.lead.created'] },
    field: 'eventTypes',
    code: 'unknown_event_type',
    says: /holds "crm.lead.created".*GET \/v1\/event-types lists/,
  },
  {
    what: 'an event type like no other',
    fields: { eventTypes: ['?'] },
    field: 'eventTypes',
    code: 'unknown_event_type',
    says: /GET \/v1\/event-types lists them all/,
  },
  {
    what: 'no list of event types',
    fields: { eventTypes: 'product.created' },
    field: 'eventTypes',
    says: known,
  },
  { what: 'no event types', fields: { eventTypes: [] }, field: 'eventTypes', says: /at least one/ },
  { what: 'null for event types', fields: { eventTypes: null }, field: 'eventTypes', says: known },
  {
    what: 'an event type twice',
    fields: { eventTypes: ['a', 'a'] },
    field: 'eventTypes',
    says: /each event type once/,
  },
  { what: 'objects as event types', fields: { eventTypes: [{}] }, field: 'eventTypes', says: /as texts/ },
  {
    what: 'too many event types',
    fields: { eventTypes: Array.from({ length: 51 }, (_, index) => `a${index}`) },
    field: 'eventTypes',
    says: /at most 50/,
  },
  {
    what: 'a format that is neither',
    fields: { format: 'yaml' },
    field: 'format',
    says: /^must be one of "json", "json-before-after", .*"xml", "form"$/,
  },
  {
    what: 'null for the format',
    fields: { format: null },
    field: 'format',
    says: /^must be one of "json", "json-before-after", .*"xml", "form"$/,
  },
  { what: 'a URL that is no text', fields: { url: 5 }, field: 'url', says: /must be the http/ },
  {
    what: 'a URL that is none',
    fields: { url: 'shop' },
    field: 'url',
    code: 'bad_url',
    says: /not a valid URL/,
  },
  {
    what: 'another protocol',
    fields: { url: 'ftp://shop.example/' },
    field: 'url',
    code: 'bad_url',
    says: /must begin with https:\/\/ or http:\/\//,
  },
  {
    what: 'a password in the URL',
    fields: { url: 'https://me:hidden@shop.example/' },
    field: 'url',
    code: 'bad_url',
    says: /must not hold a user name or password/,
  },
  {
    what: 'a long URL',
    fields: { url: `https://a.example/${'x'.repeat(2048)}` },
    field: 'url',
    says: /at most 2048/,
  },
  {
    what: 'a private address',
    fields: { url: 'http://10.1.2.3/hook' },
    field: 'url',
    code: 'address_not_allowed',
    says: privateAddress,
  },
  {
    what: 'a private address in disguise',
    fields: { url: 'http://0x7f.1/hook' },
    field: 'url',
    code: 'address_not_allowed',
    says: privateAddress,
  },
  {
    what: "the cloud's metadata address",
    fields: { url: 'http://169.254.169.254/latest' },
    field: 'url',
    code: 'address_not_allowed',
    says: privateAddress,
  },
  ...['http://inside.example/', 'https://inside6.example/', 'https://both.example/'].map((url) => ({
    what: `a name that leads inside, ${url}`,
    fields: { url },
    field: 'url',
    code: 'address_not_allowed',
    says: privateAddress,
  })),
  {
    what: 'an allowed address at another port',
    fields: { url: 'http://127.0.0.1:9000/hook' },
    field: 'url',
    code: 'address_not_allowed',
    says: privateAddress,
  },
  {
    what: 'settings that are no object',
    fields: { settings: 5 },
    field: 'settings',
    says: 'must be an object',
  },
  {
    what: 'settings that are a list',
    fields: { settings: [] },
    field: 'settings',
    says: 'must be an object',
  },
  {
    what: 'a timeout that is too short',
    fields: { settings: { timeoutMs: 1 } },
    field: 'settings.timeoutMs',
    says: wholeNumber(100, 60_000),
  },
  {
    what: 'a timeout in words',
    fields: { settings: { timeoutMs: '5s' } },
    field: 'settings.timeoutMs',
    says: wholeNumber(100, 60_000),
  },
  {
    what: 'a number beyond all numbers',
    fields: { settings: { disableAfter: 1e308 } },
    field: 'settings.disableAfter',
    says: wholeNumber(1, 1_000),
  },
  {
    what: 'half a number',
    fields: { settings: { expiresAfterMs: 2_000.5 } },
    field: 'settings.expiresAfterMs',
    says: wholeNumber(1_000, 604_800_000),
  },
  {
    what: 'a delay that is too long',
    fields: { settings: { retryDelaysMs: [1_000, 86_400_001] } },
    field: 'settings.retryDelaysMs',
    says: /each from 1 to 86400000/,
  },
  {
    what: 'too many delays',
    fields: { settings: { retryDelaysMs: Array.from({ length: 21 }, () => 1_000) } },
    field: 'settings.retryDelaysMs',
    says: /at most 20/,
  },
  {
    what: 'delays that are no list',
    fields: { settings: { retryDelaysMs: 5_000 } },
    field: 'settings.retryDelaysMs',
    says: /must be a list of delays/,
  },
  {
    what: 'delays and their number',
    fields: { settings: { retryDelaysMs: [1_000], retries: 1 } },
    field: 'settings.retries',
    says: /give one of them/,
  },
  {
    what: 'an ordering there is not',
    fields: { settings: { ordering: 'strict' } },
    field: 'settings.ordering',
    says: 'must be "none" or "latest"',
  },
  {
    what: 'no request at once',
    fields: { settings: { concurrency: 0 } },
    field: 'settings.concurrency',
    says: wholeNumber(1, 1_000),
  },
  {
    what: 'a rate in words',
    fields: { settings: { rateLimitPerS: 'fast' } },
    field: 'settings.rateLimitPerS',
    says: wholeNumber(1, 10_000),
  },
  {
    what: 'a setting there is not',
    fields: { settings: { retry: 5 } },
    field: 'settings.retry',
    code: 'unknown_field',
    says: /leave it out/,
  },
  {
    what: 'a field there is not',
    fields: { selection: 'x' },
    field: 'selection',
    code: 'unknown_field',
    says: /leave it out/,
  },
];

/** Fields that can only be given on create. */
export const wrongOnCreate: WrongField[] = [
  {
    what: 'an unknown database',
    fields: { database: 'nowhere' },
    field: 'database',
    code: 'unknown_database',
    says: 'names no known Odoo database ("nowhere"): known are "acme", "globex" (DATABASES of the control app)',
  },
  {
    what: 'no database',
    fields: { database: undefined },
    field: 'database',
    says: /slug of an Odoo database/,
  },
  {
    what: 'an unknown application',
    fields: { applicationId: 'app_1' },
    field: 'applicationId',
    code: 'unknown_application',
    says: /leave it out for the default one/,
  },
  {
    what: 'an application of no id',
    fields: { applicationId: 'a b' },
    field: 'applicationId',
    says: /id of an application/,
  },
  {
    what: 'a short secret',
    fields: { secret: 'whsec_c2hvcnQ=' },
    field: 'secret',
    says: /24 to 64 bytes in base64/,
  },
  { what: 'a secret that is no text', fields: { secret: {} }, field: 'secret', says: 'must be a text' },
];
