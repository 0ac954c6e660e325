import { idOfPair, pairOfId } from '#libs/change';
import type { CapturedTable } from '../captured-tables.js';

const idsPerPage = 1024;
const pageBits = 10n;
const inPage = 1023n;

/** Where an id stands: `id` is the way back. Exact for all 64 bits, as the number of a page has at most 54. */
interface Layout {
  page(id: bigint): number;
  index(id: bigint): number;
  id(page: number, index: number): bigint;
}

const line: Layout = {
  page: (id) => Number(id >> pageBits),
  index: (id) => Number(id & inPage),
  id: (page, index) => (BigInt(page) << pageBits) + BigInt(index),
};

/** Pairs lie beside each other where both of their ids do: a page is a square of 32 by 32. */
const grid: Layout = {
  page: (id) => {
    const [first, second] = pairOfId(id);
    return Number(((first >> 5n) << 27n) | BigInt.asUintN(27, second >> 5n));
  },
  index: (id) => {
    const [first, second] = pairOfId(id);
    return Number(((first & 31n) << 5n) | (second & 31n));
  },
  id: (page, index) => {
    const [high, low] = [BigInt(page) >> 27n, BigInt.asIntN(27, BigInt(page))];
    return idOfPair((high << 5n) + BigInt(index >> 5), (low << 5n) + BigInt(index & 31));
  },
};

/** For the ids of a table. */
export function idSetOf({ pair }: Pick<CapturedTable, 'pair'>): IdSet {
  return new IdSet(pair === undefined ? line : grid);
}

/**
 * A set of record ids. Ids are mostly dense, so a page of 1,024 takes 128 bytes: a million of them fit some 200 KB,
 * where a `Set` takes 60 MB.
 */
export class IdSet {
  private readonly pages = new Map<number, Uint32Array>();
  private count = 0;

  constructor(private readonly layout: Layout = line) {}

  get size(): number {
    return this.count;
  }

  add(id: bigint): void {
    const number = this.layout.page(id);
    let page = this.pages.get(number);
    if (page === undefined) {
      page = new Uint32Array(idsPerPage / 32);
      this.pages.set(number, page);
    }
    const { word, bit } = placeOf(this.layout.index(id));
    const before = page[word] ?? 0;
    page[word] = before | bit;
    this.count += page[word] === before ? 0 : 1;
  }

  delete(id: bigint): void {
    const page = this.pages.get(this.layout.page(id));
    const { word, bit } = placeOf(this.layout.index(id));
    const before = page?.[word] ?? 0;
    if (page !== undefined && (before & bit) !== 0) {
      page[word] = before & ~bit;
      this.count -= 1;
    }
  }

  has(id: bigint): boolean {
    return isIn(this.pages.get(this.layout.page(id)), this.layout.index(id));
  }

  /**
   * The ids greater than `after` in their order, pairs in that of their pages; null begins with the first. The set
   * must stay as it is.
   */
  *idsAfter(after: bigint | null): Generator<bigint, void, void> {
    const { layout } = this;
    const [firstPage, afterIndex] =
      after === null ? [-Infinity, -1] : [layout.page(after), layout.index(after)];
    const numbers = [...this.pages.keys()].filter((number) => number >= firstPage).sort((a, b) => a - b);
    for (const number of numbers) {
      const page = this.pages.get(number);
      for (let index = number === firstPage ? afterIndex + 1 : 0; index < idsPerPage; index += 1) {
        if (isIn(page, index)) {
          yield layout.id(number, index);
        }
      }
    }
  }
}

function isIn(page: Uint32Array | undefined, index: number): boolean {
  const { word, bit } = placeOf(index);
  return ((page?.[word] ?? 0) & bit) !== 0;
}

function placeOf(index: number): { word: number; bit: number } {
  return { word: index >> 5, bit: 1 << (index & 31) };
}
