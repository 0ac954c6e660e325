// `npm start`: makes the checkout ready and starts everything; docker/start says what that is.
import { handOver, setUp } from './setup.mjs';

await setUp();
process.exitCode = await handOver([
  '--enable-source-maps',
  'dist/docker/start/main.js',
  ...process.argv.slice(2),
]);
