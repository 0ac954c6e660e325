export { startEmbeddedStack } from './embedded-stack.js';
export type { Piece, PieceName, Stack, StackOptions } from './stack.js';
export type { ExistingPieces } from './existing.js';
export type { BrokerSecurity, ProxiedListener } from './kafka.js';
export { createDatabase, dropDatabase } from './databases.js';
export { isClaimed, stopLeftovers } from './claim.js';
export { checkoutDirectory } from './checkout.js';
export { startContainerStack } from './container-stack.js';
export { dockerAnswers } from './docker-engine.js';
