/** Whether the work of an activity still moves. */
import { failures } from '../core/contract/failures.ts';
import { formatSeconds } from '../core/text/format.ts';
import { RavenError } from '../ravendb/connection/errors.ts';

/**
 * Ends work that no longer moves: a promise that never settles, a server that accepts a request and never answers. A
 * byte that RavenDB sends or takes, a heartbeat and a report of progress count as a move.
 */
export class WorkWatch {
  readonly #stillMs: number;
  readonly #stuck = new AbortController();
  #movedAt: number | undefined;

  /** @param stillMs for how long the work may stand still */
  constructor(stillMs: number) {
    this.#stillMs = stillMs;
  }

  /** Aborted when the work has stood still for too long. */
  get stuck(): AbortSignal {
    return this.#stuck.signal;
  }

  /** The work begins, or moves. Until it begins nothing is watched: it may wait for its turn for hours. */
  readonly moved = (): void => {
    this.#movedAt = Date.now();
  };

  /** To be called every few seconds. */
  check(): void {
    if (this.#movedAt === undefined || Date.now() - this.#movedAt < this.#stillMs) return;
    const message = `The work has not moved for ${formatSeconds(this.#stillMs / 1000)}. It was ended, and is tried again.`;
    this.#stuck.abort(new RavenError(message, { kind: failures.workStuck, retryable: true }));
  }
}
