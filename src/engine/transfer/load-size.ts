import type { Tuning } from '../../core/contract/tuning.ts';

/** A small copy must not spend its time on small loads. */
const GROWTH = 4;
/** Smaller loads cost more requests than they save. */
const SMALLEST = { bytes: 16 * 1024, ms: 100 };

/**
 * How large a load may be. A target commits a load as a whole, and only then is it known how far a copy is: so the first
 * load is small, and the next ones are as large as the target takes in within a second or two.
 */
export class LoadSize {
  /** How long a load is filled at most. */
  readonly ms: number;
  readonly #most: number;
  readonly #least: number;
  readonly #soonMs: number;
  #bytes: number;
  #since = Date.now();

  /** @param attemptsInVain attempts whose loads did not get through: each of them halves the largest one */
  constructor({ loadBytes, loadMs, firstLoadBytes, confirmMs }: Tuning['copy'], attemptsInVain: number) {
    const part = 2 ** -attemptsInVain;
    this.ms = Math.max(SMALLEST.ms, loadMs * part);
    this.#most = Math.max(SMALLEST.bytes, loadBytes * part);
    this.#least = Math.min(firstLoadBytes, this.#most);
    this.#soonMs = confirmMs;
    this.#bytes = this.#least;
  }

  /** How many bytes it may have. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Another load is on the target. */
  confirmed(now = Date.now()): void {
    const ms = now - this.#since;
    this.#since = now;
    if (ms < this.#soonMs) this.#bytes = Math.min(this.#most, this.#bytes * GROWTH);
    else if (ms > 2 * this.#soonMs) this.#bytes = Math.max(this.#least, this.#bytes / 2);
  }
}
