// `npm run bench` and `npm run bench:<what>`: makes the checkout ready and measures; `main.ts` in bench/ and in
// its folders says what.
import { handOver, setUp } from './setup.mjs';

const [first, ...others] = process.argv.slice(2);
const [folder, options] =
  first === undefined || first.startsWith('-') ? ['', process.argv.slice(2)] : [`${first}/`, others];

await setUp();
process.exitCode = await handOver(['--enable-source-maps', `dist/bench/${folder}main.js`, ...options]);
