/** Jest's sequencer: by name. The first file installs; those that break more come later. */
export default class InOrder {
  sort(tests) {
    return [...tests].sort((a, b) => (a.path < b.path ? -1 : 1));
  }

  shard(tests) {
    return tests;
  }

  allFailedTests(tests) {
    return tests;
  }

  cacheResults() {
    // The order does not depend on how long a file took.
  }
}
