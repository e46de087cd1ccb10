/**
 * Sums of digests over ranges of ids: equal sums mean equal items, in any order and on any number of shards. No
 * hashing here, so that a workflow can add them up.
 */

/** Few enough for a history. A range that differs is read again as a whole, whatever its size. */
export const RANGES = 512;

const HEX = 16;

/** The range of an id, by the 64-bit hash of the id in lower case. */
export function rangeOf(key: bigint): number {
  return Number(key >> 55n);
}

/** One sum for each range. */
export class RangeSums {
  readonly #sums = new BigUint64Array(RANGES);

  /** Adds an item's digest. @param key hash of the id in lower case */
  add(key: bigint, hash: bigint): void {
    const range = rangeOf(key);
    // a BigUint64Array wraps, so this is a sum modulo 2^64
    this.#sums[range] = (this.#sums[range] ?? 0n) + hash;
  }

  /** Adds the sums of another part. */
  addAll(other: RangeSums): void {
    for (let range = 0; range < RANGES; range++) {
      this.#sums[range] = (this.#sums[range] ?? 0n) + (other.#sums[range] ?? 0n);
    }
  }

  /** Ranges in which two sides differ, ascending. */
  differing(other: RangeSums): number[] {
    const differing: number[] = [];
    for (let range = 0; range < RANGES; range++) {
      if (this.#sums[range] !== other.#sums[range]) differing.push(range);
    }
    return differing;
  }

  /** The sums as text, for heartbeats and results. */
  toText(): string {
    return Array.from(this.#sums, (sum) => sum.toString(16).padStart(HEX, '0')).join('');
  }

  /** @param text the result of `toText`; an empty text means no items */
  static from(text = ''): RangeSums {
    const sums = new RangeSums();
    for (let range = 0; range * HEX < text.length; range++) {
      sums.#sums[range] = BigInt(`0x${text.slice(range * HEX, (range + 1) * HEX)}`);
    }
    return sums;
  }
}
