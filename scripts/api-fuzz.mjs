// `npm run test:api-fuzz`: makes the checkout ready and tries the API on generated requests; test/api-fuzz/main.ts
// says how.
import { handOver, setUp } from './setup.mjs';

await setUp();
process.exitCode = await handOver([
  '--enable-source-maps',
  'dist/test/api-fuzz/main.js',
  ...process.argv.slice(2),
]);
