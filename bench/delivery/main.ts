import { DeliveryStand } from './delivery-stand.js';
import { bareLoop, deliver } from './throughput.js';

const say = (text: string): void => {
  process.stdout.write(`${text}\n`);
};
const stand = await DeliveryStand.start(say);
try {
  const n = Number(process.argv[2] ?? 30000);
  for (const endpoints of (process.env['EPS'] ?? '1,10,1000').split(',').map(Number)) {
    const bare = await bareLoop(stand, 40_000);
    const cost = await deliver(stand, { endpoints, deliveries: n }, process.argv.slice(3));
    say(
      `${String(endpoints)}: bare ${JSON.stringify(bare)} ours ${JSON.stringify(cost)} ratio ${(cost.perSecond / bare.perSecond).toFixed(3)} cpu ${(cost.cpuMs / bare.cpuMs).toFixed(2)}`,
    );
  }
} finally {
  await stand.stop();
}
