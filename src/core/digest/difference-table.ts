/** Finds which of very many ids differ between two sides, with a few bytes for each id. */

const ON_SOURCE = 1;
const ON_TARGET = 2;
/** Where the items of an id were found. */
export type FoundOn = 'source' | 'target' | 'both';

/** Share of used slots above which lookups get slow. */
const MAX_LOAD = 0.7;
const INITIAL_SLOTS = 1024;

/**
 * Adds the digests of the source and subtracts those of the target, for each id: the sum is zero if both sides are equal.
 * A hash table over typed arrays, with 17 bytes for each slot; a Map would need hundreds for each id.
 */
export class DifferenceTable {
  #keys = new BigUint64Array(INITIAL_SLOTS);
  #sums = new BigUint64Array(INITIAL_SLOTS);
  #sides = new Uint8Array(INITIAL_SLOTS);
  #used = 0;

  /** Number of ids. */
  get size(): number {
    return this.#used;
  }

  /**
   * Adds an item.
   * @param key hash of the id in lower case
   * @returns whether the sides differ in this id by what was added so far
   */
  add(side: 'source' | 'target', key: bigint, hash: bigint): boolean {
    if (this.#used >= this.#keys.length * MAX_LOAD) this.#grow();
    const slot = this.#slotOf(key);
    if (this.#sides[slot] === 0) this.#used++;
    this.#keys[slot] = key;
    const sum = this.#sums[slot] ?? 0n;
    this.#sums[slot] = side === 'source' ? sum + hash : sum - hash;
    this.#sides[slot] = (this.#sides[slot] ?? 0) | (side === 'source' ? ON_SOURCE : ON_TARGET);
    return this.#sums[slot] !== 0n;
  }

  /** Whether some side has this id, by what was added so far. */
  has(key: bigint): boolean {
    return this.#sides[this.#slotOf(key)] !== 0;
  }

  /** Whether only the source has this id, by what was added so far. */
  isMissing(key: bigint): boolean {
    return this.#sides[this.#slotOf(key)] === ON_SOURCE;
  }

  /**
   * Keys of ids that differ, and which side has them.
   * @param mayHaveMore a side that may have ids which the other does not have
   */
  *differing(mayHaveMore?: 'source' | 'target'): Generator<[bigint, FoundOn]> {
    const allowed = mayHaveMore === 'source' ? ON_SOURCE : mayHaveMore === 'target' ? ON_TARGET : undefined;
    for (let slot = 0; slot < this.#keys.length; slot++) {
      const sides = this.#sides[slot];
      if (sides === 0 || this.#sums[slot] === 0n) continue;
      if (sides === allowed) continue;
      const on = sides === ON_SOURCE ? 'source' : sides === ON_TARGET ? 'target' : 'both';
      yield [this.#keys[slot] ?? 0n, on];
    }
  }

  #slotOf(key: bigint): number {
    const mask = this.#keys.length - 1;
    let slot = Number(BigInt.asUintN(32, key)) & mask;
    while (this.#sides[slot] !== 0 && this.#keys[slot] !== key) slot = (slot + 1) & mask;
    return slot;
  }

  #grow(): void {
    const [keys, sums, sides] = [this.#keys, this.#sums, this.#sides];
    const size = keys.length * 2;
    this.#keys = new BigUint64Array(size);
    this.#sums = new BigUint64Array(size);
    this.#sides = new Uint8Array(size);
    for (let old = 0; old < keys.length; old++) {
      if (sides[old] === 0) continue;
      const slot = this.#slotOf(keys[old] ?? 0n);
      this.#keys[slot] = keys[old] ?? 0n;
      this.#sums[slot] = sums[old] ?? 0n;
      this.#sides[slot] = sides[old] ?? 0;
    }
  }
}
