import { lookup } from 'node:dns/promises';

/** All addresses of a name; a fake one in tests. */
export type Resolve = (name: string) => Promise<readonly string[]>;

const underWay = new Map<string, Promise<readonly string[]>>();

/**
 * As the resolver of this machine has it. Whoever asks for the same name at the same time waits for one answer:
 * the system looks up only a few names at once, and a slow one must not take all those places.
 */
export const resolveAll: Resolve = (name) => {
  let answer = underWay.get(name);
  if (answer === undefined) {
    answer = addressesOf(name).finally(() => underWay.delete(name));
    underWay.set(name, answer);
  }
  return answer;
};

async function addressesOf(name: string): Promise<readonly string[]> {
  const found = await lookup(name, { all: true });
  return found.map(({ address }) => address);
}
