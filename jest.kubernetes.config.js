import config from './jest.config.js';

/** `npm run test:kubernetes`: the chart in a cluster that is there, one file after the other in one installation. */
export default {
  ...config,
  testMatch: ['<rootDir>/test/kubernetes/**/*.test.ts'],
  testPathIgnorePatterns: ['/node_modules/'],
  globalSetup: undefined,
  globalTeardown: undefined,
  testSequencer: '<rootDir>/test/kubernetes/in-order.mjs',
  testTimeout: 900_000,
};
