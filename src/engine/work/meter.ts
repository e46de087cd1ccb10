import { Transform } from 'node:stream';
import type { Transferred } from '../../core/run/progress.ts';
import type { Work } from './work.ts';

/** Before that, a rate says nothing. */
const FIRST_RATE_AFTER_MS = 1_000;

/** Reports to the workflow how many items are done, how fast, and how long the rest will take. */
export class Meter {
  readonly #work: Work;
  readonly #doing: string;
  readonly #totalItems: number;
  readonly #pace: Pace;
  #bytes = 0;

  /** @param done items that an earlier attempt has handled */
  constructor(work: Work, doing: string, totalItems: number, done = 0) {
    this.#work = work;
    this.#doing = doing;
    this.#totalItems = totalItems;
    this.#pace = new Pace(done);
    this.report(done);
  }

  /** Counts the bytes that pass through it. */
  countBytes(): Transform {
    return new Transform({
      transform: (chunk: Buffer, _encoding, done) => {
        this.#bytes += chunk.length;
        done(null, chunk);
      },
    });
  }

  /** To be called with each new number of items done so far. */
  report(items: number): void {
    const totalItems = Math.max(items, this.#totalItems);
    const transferred: Transferred = {
      doing: this.#doing,
      items,
      totalItems,
      ...(this.#bytes > 0 && { bytes: this.#bytes }),
      ...this.#pace.at(items, totalItems),
      attempt: this.#work.attempt,
    };
    this.#work.report({ transferred });
  }
}

/** How fast items are done since it was created. */
export class Pace {
  readonly #startedAt = Date.now();
  readonly #done: number;

  /** @param done items that were done before */
  constructor(done: number) {
    this.#done = done;
  }

  /** Rate and remaining time; nothing as long as nothing can be said. */
  at(items: number, totalItems: number): Pick<Transferred, 'itemsPerSecond' | 'etaSeconds'> {
    const ms = Date.now() - this.#startedAt;
    const rate = ms > FIRST_RATE_AFTER_MS ? Math.round(((items - this.#done) * 1000) / ms) : 0;
    return rate > 0 ? { itemsPerSecond: rate, etaSeconds: Math.ceil((totalItems - items) / rate) } : {};
  }
}
