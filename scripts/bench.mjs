// `npm run bench`: makes the checkout ready and measures; bench/main.ts says what.
import { handOver, setUp } from './setup.mjs';

await setUp();
process.exitCode = await handOver(['--enable-source-maps', 'dist/bench/main.js', ...process.argv.slice(2)]);
