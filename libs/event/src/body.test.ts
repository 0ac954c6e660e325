import { expect, it } from '@jest/globals';
import fc from 'fast-check';
import { anyBodySample } from '../test/body-samples.js';
import { expectRoundTrips } from '../test/round-trip.js';

it('whatever a change and a shape hold, bodies of all formats are read back as what was asked for', () => {
  expect(() => {
    fc.assert(fc.property(anyBodySample, expectRoundTrips), { numRuns: 300 });
  }).not.toThrow();
});
