/** Whether Temporal can still be heard. */
import type { Context } from '@temporalio/activity';
import { failures } from '../core/contract/failures.ts';
import { RavenError } from '../ravendb/connection/errors.ts';

/**
 * Temporal gives an activity to another worker when it has heard nothing of it for 20 s (`activity-proxies.ts`). A
 * worker that is cut off from Temporal but not from RavenDB must have stopped by then: what it writes is old, and
 * could overwrite what the other has brought since.
 */
const CUT_OFF_MS = 15_000;
const ANSWER_WITHIN_MS = 5_000;

/** Watches the contact of one activity. */
export class Contact {
  readonly #client: Context['client'];
  readonly #lost = new AbortController();
  #heardAt = Date.now();

  constructor(client: Context['client']) {
    this.#client = client;
  }

  /** Aborted when Temporal has not answered for too long. */
  get lost(): AbortSignal {
    return this.#lost.signal;
  }

  /** Asks for a sign of life; to be called every few seconds. */
  check(): void {
    const ask = () => this.#client.workflowService.getSystemInfo({});
    this.#client.withDeadline(Date.now() + ANSWER_WITHIN_MS, ask).then(
      () => {
        this.#heardAt = Date.now();
      },
      () => undefined,
    );
    if (Date.now() - this.#heardAt < CUT_OFF_MS) return;
    this.#lost.abort(
      new RavenError('The worker lost contact to Temporal and has stopped; another try goes on.', {
        kind: failures.workerCutOff,
        retryable: true,
      }),
    );
  }
}
