import config from './jest.config.js';

/** `npm run test:faults`: faults that take minutes each, one after the other. */
export default {
  ...config,
  testMatch: ['<rootDir>/test/faults/long/**/*.test.ts'],
  testPathIgnorePatterns: ['/node_modules/'],
  testTimeout: 900_000,
};
