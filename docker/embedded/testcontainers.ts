import { messageOf, RelayError } from '#libs/process';

export type Testcontainers = typeof import('testcontainers');

/** A development dependency: an installation for production has none of it. */
export async function loadTestcontainers(): Promise<Testcontainers> {
  try {
    const testcontainers = await import('testcontainers');
    await testcontainers.getContainerRuntimeClient();
    return testcontainers;
  } catch (error) {
    throw new RelayError(
      'TOOL_MISSING',
      `Containers cannot be used here (${messageOf(error)}): start Docker.`,
      {
        cause: error,
      },
    );
  }
}
