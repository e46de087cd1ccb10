/** Tells the workflow how far a dump is. */

import { Transform } from 'node:stream';
import type { Transferred } from '../../core/run/progress.ts';
import type { Work } from './work.ts';
export class TransferMeter {
  readonly #work: Work;
  readonly #doing: string;
  readonly #totalItems: number;
  readonly #startedAt = Date.now();
  readonly #done: number;
  #bytes = 0;

  /** @param done items that an earlier try has handled */
  constructor(work: Work, doing: string, totalItems: number, done = 0) {
    this.#work = work;
    this.#doing = doing;
    this.#totalItems = totalItems;
    this.#done = done;
    this.tell(done);
  }

  /** Counts the bytes that pass. */
  countBytes(): Transform {
    return new Transform({
      transform: (chunk: Buffer, _encoding, done) => {
        this.#bytes += chunk.length;
        done(null, chunk);
      },
    });
  }

  /** To be called with each new number of items handled so far. */
  tell(items: number): void {
    const seconds = (Date.now() - this.#startedAt) / 1000;
    const rate = seconds > 1 ? Math.round((items - this.#done) / seconds) : 0;
    const totalItems = Math.max(items, this.#totalItems);
    const transferred: Transferred = {
      doing: this.#doing,
      items,
      totalItems,
      ...(this.#bytes > 0 && { bytes: this.#bytes }),
      ...(rate > 0 && { itemsPerSecond: rate, etaSeconds: Math.ceil((totalItems - items) / rate) }),
      attempt: this.#work.attempt,
    };
    this.#work.report({ transferred });
  }
}
