/**
 * Sums of digests over ranges of ids: equal sums mean equal items, in any order and on any number of shards. No
 * hashing here, so that a workflow can add them up.
 */

/** Few, since each part of a comparison leaves its sums in a history. Where they differ, finer ones are read. */
export const RANGES = 16;
/** So many that one holds few ids, whatever the size of a database. For the memory of an activity alone. */
export const FINE_RANGES = 65_536;

const HEX = 16;

/** The range of an id, by the 64-bit hash of the id in lower case. @param ranges how many there are: a power of two */
export function rangeOf(key: bigint, ranges = RANGES): number {
  return Number(key >> shiftOf(ranges));
}

function shiftOf(ranges: number): bigint {
  return 64n - BigInt(Math.log2(ranges));
}

/** One sum for each range. */
export class RangeSums {
  readonly #sums: BigUint64Array;
  readonly #shift: bigint;

  /** @param ranges how many there are: a power of two */
  constructor(ranges = RANGES) {
    this.#sums = new BigUint64Array(ranges);
    this.#shift = shiftOf(ranges);
  }

  /** Adds an item's digest. @param key hash of the id in lower case */
  add(key: bigint, hash: bigint): void {
    const range = Number(key >> this.#shift);
    // a BigUint64Array wraps, so this is a sum modulo 2^64
    this.#sums[range] = (this.#sums[range] ?? 0n) + hash;
  }

  /** Adds the sums of another part. */
  addAll(other: RangeSums): void {
    for (const [range, sum] of other.#sums.entries()) this.#sums[range] = (this.#sums[range] ?? 0n) + sum;
  }

  /** Ranges in which two sides differ, ascending. */
  differing(other: RangeSums): number[] {
    const differing: number[] = [];
    for (const [range, sum] of this.#sums.entries()) if (sum !== other.#sums[range]) differing.push(range);
    return differing;
  }

  /** The sums as text, for heartbeats and results. */
  toText(): string {
    return Array.from(this.#sums, (sum) => sum.toString(16).padStart(HEX, '0')).join('');
  }

  /** @param text the result of `toText` of {@link RANGES}; an empty text means no items */
  static from(text = ''): RangeSums {
    const sums = new RangeSums();
    for (let range = 0; range < RANGES && range * HEX < text.length; range++) {
      sums.#sums[range] = BigInt(`0x${text.slice(range * HEX, (range + 1) * HEX)}`);
    }
    return sums;
  }
}
