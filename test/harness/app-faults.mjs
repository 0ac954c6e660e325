/**
 * What a machine can do to a process, for one that is started with `NODE_OPTIONS=--import=<this file>`:
 * `TEST_CLOCK_SHIFT_MS` sets its wall clock off by so much from its start on, and each SIGUSR2 does the next of
 * `TEST_ON_SIGNAL`, a JSON list of `{"shiftMs"}` (its wall clock is set to be off by so much) and `{"blockMs"}` (its
 * event loop stands still for so long). The monotonic clock is left alone.
 */
const RealDate = Date;
let shiftMs = Number(process.env.TEST_CLOCK_SHIFT_MS ?? 0);
const onSignal = JSON.parse(process.env.TEST_ON_SIGNAL ?? '[]');

globalThis.Date = class Date extends RealDate {
  constructor(...given) {
    super(...(given.length === 0 ? [RealDate.now() + shiftMs] : given));
  }

  static now() {
    return RealDate.now() + shiftMs;
  }
};

process.on('SIGUSR2', () => {
  const next = onSignal.shift() ?? {};
  shiftMs = next.shiftMs ?? shiftMs;
  if (next.blockMs !== undefined) {
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, next.blockMs);
  }
});
