export { AllowList, type AllowedReceivers } from './allow-list.js';
export { checkUrl, type UrlCheck } from './check-url.js';
export { OpenConnections, type OutgoingRequest } from './connections.js';
export { parseProxy, ProxyFailed, type Proxy } from './proxy.js';
export { resolveAll, type Resolve } from './resolver.js';
export { guardedFetch, type GuardedFetch } from './guarded-fetch.js';
export { AddressRefused, guardedDispatcher, type GuardOptions } from './ssrf-guard.js';
export type { Dispatcher } from 'undici';
