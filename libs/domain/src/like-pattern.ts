/**
 * SQL's like: `%` is any text, `_` any one character, `\` takes the next one literally. Matched by a machine with
 * one bit for each place in the pattern, all of which step with each character: the time is the text's length times
 * the pattern's 32nd, whatever stands in them (shift-and, Baeza-Yates and Gonnet 1992).
 */
export function likePattern(pattern: string, kind: 'whole' | 'part'): (text: string) => boolean {
  const places = placesOf(kind === 'whole' ? pattern : `%${pattern}%`);
  const words = (places.steps.length >> 5) + 1;
  const machine = { words, ...masksOf(places, words), end: places.steps.length };
  return (text) => matches(machine, text);
}

interface Places {
  /** What leads from each place to the next: a character, or undefined for any. */
  steps: readonly (string | undefined)[];
  /** Places at which any text may be passed. */
  stays: ReadonlySet<number>;
}

function placesOf(pattern: string): Places {
  const steps: (string | undefined)[] = [];
  const stays = new Set<number>();
  let isEscaped = false;
  for (const character of pattern) {
    if (!isEscaped && character === '\\') {
      isEscaped = true;
      continue;
    }
    if (!isEscaped && character === '%') {
      stays.add(steps.length);
    } else {
      steps.push(!isEscaped && character === '_' ? undefined : character);
    }
    isEscaped = false;
  }
  return { steps, stays };
}

interface Masks {
  /** Places that a character leads on from; `others` for all characters that the pattern does not have. */
  byCharacter: ReadonlyMap<string, Int32Array>;
  others: Int32Array;
  stays: Int32Array;
}

interface Machine extends Masks {
  words: number;
  end: number;
}

function masksOf({ steps, stays }: Places, words: number): Masks {
  const maskOf = (isIn: (place: number) => boolean): Int32Array => {
    const mask = new Int32Array(words);
    for (let place = 0; place <= steps.length; place++) {
      mask[place >> 5] = (mask[place >> 5] ?? 0) | (isIn(place) ? 1 << (place & 31) : 0);
    }
    return mask;
  };
  const isAny = (place: number): boolean => place < steps.length && steps[place] === undefined;
  const characters = new Set(steps.filter((step) => step !== undefined));
  return {
    byCharacter: new Map(
      [...characters].map((character) => [
        character,
        maskOf((place) => isAny(place) || steps[place] === character),
      ]),
    ),
    others: maskOf(isAny),
    stays: maskOf((place) => stays.has(place)),
  };
}

function matches({ words, byCharacter, others, stays, end }: Machine, text: string): boolean {
  const state = new Int32Array(words);
  state[0] = 1;
  for (const character of text) {
    const leads = byCharacter.get(character) ?? others;
    let carry = 0;
    let alive = 0;
    for (let word = 0; word < words; word++) {
      const was = state[word] ?? 0;
      const moved = was & (leads[word] ?? 0);
      const now = (moved << 1) | carry | (was & (stays[word] ?? 0));
      carry = moved >>> 31;
      state[word] = now;
      alive |= now;
    }
    if (alive === 0) {
      return false;
    }
  }
  return (((state[end >> 5] ?? 0) >>> (end & 31)) & 1) === 1;
}
