export { AllowList } from './allow-list.js';
export { checkUrl, type UrlCheck } from './check-url.js';
export { AddressRefused, guardedDispatcher, type GuardOptions, type Resolve } from './ssrf-guard.js';
