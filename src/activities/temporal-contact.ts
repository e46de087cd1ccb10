/** Whether Temporal can still be heard. */
import type { Context } from '@temporalio/activity';
import { failures } from '../core/contract/failures.ts';
import type { Tuning } from '../core/contract/tuning.ts';
import { RavenError } from '../ravendb/connection/errors.ts';

/** Watches the contact of one activity. */
export class TemporalLiveness {
  readonly #client: Context['client'];
  readonly #tuning: Tuning['activity'];
  readonly #lost = new AbortController();
  #heardAt = Date.now();

  constructor(client: Context['client'], tuning: Tuning['activity']) {
    this.#client = client;
    this.#tuning = tuning;
  }

  /** Aborted when Temporal has not answered for too long. */
  get lost(): AbortSignal {
    return this.#lost.signal;
  }

  /** Asks for a sign of life; to be called every few seconds. */
  check(): void {
    const ask = () => this.#client.workflowService.getSystemInfo({});
    this.#client.withDeadline(Date.now() + this.#tuning.contactWithinMs, ask).then(
      () => {
        this.#heardAt = Date.now();
      },
      () => undefined,
    );
    if (Date.now() - this.#heardAt < this.#tuning.cutOffMs) return;
    this.#lost.abort(
      new RavenError('The worker lost contact to Temporal and has stopped; another try goes on.', {
        kind: failures.workerCutOff,
        retryable: true,
      }),
    );
  }
}
