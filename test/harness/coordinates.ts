import type { Stack } from '#embedded';

/** What a test file has to know of the stack that the run has started: JSON in RELAY_TEST_STACK. */
export type StackCoordinates = Pick<
  Stack,
  'variant' | 'brokers' | 'schemaRegistryUrl' | 'databaseUrl' | 'proxiedListeners'
>;

export function readCoordinates(): StackCoordinates {
  const json = process.env['RELAY_TEST_STACK'];
  if (json === undefined)
    throw new Error('This test needs a stack, but the run was started with RELAY_STACK=none.');
  return JSON.parse(json) as StackCoordinates;
}
