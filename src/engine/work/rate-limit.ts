import { setTimeout as sleep } from 'node:timers/promises';

/** Keeps work to a number of items a second. */
export class RateLimit {
  readonly #perSecond: number | null;
  readonly #signal: AbortSignal;
  readonly #startedAt = Date.now();

  /** @param itemsPerSecond null for no limit */
  constructor(itemsPerSecond: number | null | undefined, signal: AbortSignal) {
    this.#perSecond = itemsPerSecond ?? null;
    this.#signal = signal;
  }

  /** Waits until so many items may have been handled since the start. @throws the signal's reason */
  async keep(items: number): Promise<void> {
    if (this.#perSecond === null) return;
    const earlyMs = (items / this.#perSecond) * 1000 - (Date.now() - this.#startedAt);
    if (earlyMs > 0) await sleep(earlyMs, undefined, { signal: this.#signal });
  }
}
