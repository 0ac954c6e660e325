import {
  dockerAnswers,
  startContainerStack,
  startEmbeddedStack,
  type Stack,
  type StackOptions,
} from '#embedded';
import { RelayError } from '#libs/process';

/** Kafka, registry and Postgres as processes; in containers where Java or Maven is missing and Docker answers. */
export async function startStack(options: StackOptions): Promise<Stack> {
  try {
    return await startEmbeddedStack(options);
  } catch (error) {
    const lacksJava = error instanceof RelayError && error.code === 'TOOL_MISSING';
    if (!lacksJava || !(await dockerAnswers())) {
      throw error;
    }
    options.progress?.('Java or Maven is missing: using Docker instead.');
    return startContainerStack(options);
  }
}
