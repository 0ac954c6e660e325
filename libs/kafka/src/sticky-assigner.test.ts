import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { assign } from './sticky-assigner.js';

interface Had {
  id: string;
  topics: string[];
  owned: string[];
  generation: number;
}

function assigned(
  topics: Record<string, number>,
  members: readonly Had[],
  coPartition = false,
): Record<string, string[]> {
  const partitions = new Map(
    Object.entries(topics).map(([topic, count]) => [topic, Array.from({ length: count }, (_, i) => i)]),
  );
  const read = members.map(({ id, topics: names, owned, generation }) => ({
    id,
    topics: new Set(names),
    owned: new Set(owned),
    generation,
  }));
  return Object.fromEntries(
    Array.from(assign(partitions, read, coPartition), ([id, units]) => [id, units.map(({ name }) => name)]),
  );
}

const member = (id: string, owned: string[] = [], topics = ['a', 'b'], generation = 1): Had => ({
  id,
  owned,
  topics,
  generation,
});

describe('assigning partitions', () => {
  it('gives every partition to exactly one member and spreads them evenly', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 20 }), fc.integer({ min: 1, max: 7 }), (count, size) => {
        const members = Array.from({ length: size }, (_, i) => member(`m${i}`));
        const result = Object.values(assigned({ a: count, b: 3 }, members));
        const all = result.flat();
        expect(new Set(all).size).toBe(count + 3);
        expect(all).toHaveLength(count + 3);
        const sizes = result.map((each) => each.length);
        expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThanOrEqual(1);
      }),
    );
  });

  it('leaves partitions where they are and moves only what a new member needs', () => {
    const owned = ['0', '1', '2', '3', '4', '5'];
    const result = assigned({ a: 6, b: 6 }, [member('x', owned), member('y')], true);
    expect(result['x']).toHaveLength(3);
    expect(owned).toEqual(expect.arrayContaining(result['x'] ?? []));
    expect(result['y']).toHaveLength(3);
  });

  it('gives the partitions of a member that left to the others, who keep theirs', () => {
    const result = assigned({ a: 7 }, [member('x', ['a/0', 'a/1', 'a/2']), member('y', ['a/3', 'a/4'])]);
    expect(result['x']).toEqual(expect.arrayContaining(['a/0', 'a/1', 'a/2']));
    expect(result['y']).toEqual(expect.arrayContaining(['a/3', 'a/4']));
  });

  it('stays evenly spread when members claim more than their share, or the same', () => {
    const claims = fc.array(fc.subarray(['0', '1', '2', '3', '4', '5', '6', '7', '8', '9']), {
      minLength: 1,
      maxLength: 5,
    });
    fc.assert(
      fc.property(claims, (owned) => {
        const members = owned.map((names, i) => member(`m${i}`, names));
        const sizes = Object.values(assigned({ a: 10, b: 10 }, members, true)).map((each) => each.length);
        expect(sizes.reduce((a, b) => a + b)).toBe(10);
        expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThanOrEqual(1);
      }),
    );
  });

  it('believes the member that had a partition last', () => {
    const zombie = member('a-zombie', ['0', '1'], ['a'], 3);
    const result = assigned({ a: 4 }, [zombie, member('owner', ['0', '1'], ['a'], 4)], true);
    expect(result['owner']).toEqual(['0', '1']);
  });

  it('gives a topic only to members that read it', () => {
    const result = assigned({ a: 2, b: 2 }, [member('x', [], ['a']), member('y')]);
    expect(result['x']?.every((name) => name.startsWith('a'))).toBe(true);
    expect(Object.values(result).flat()).toHaveLength(4);
  });
});
