/** Whether Temporal can still be heard. */
import type { Context } from '@temporalio/activity';
import { failures } from '../core/contract/failures.ts';
import type { Tuning } from '../core/contract/tuning.ts';
import { RavenError } from '../ravendb/connection/errors.ts';

/** When a worker asked Temporal last, and when it was answered last. */
interface Contact {
  askedAt: number;
  heardAt: number;
}

/** One for each client: the activities of a worker ask together. */
const contacts = new WeakMap<object, Contact>();

function contactOf(client: Context['client']): Contact {
  const contact = contacts.get(client) ?? { askedAt: 0, heardAt: 0 };
  contacts.set(client, contact);
  return contact;
}

/** Watches the contact on behalf of one activity. */
export class TemporalLiveness {
  readonly #client: Context['client'];
  readonly #contact: Contact;
  readonly #tuning: Tuning['activity'];
  readonly #lost = new AbortController();
  readonly #beganAt = Date.now();

  constructor(client: Context['client'], tuning: Tuning['activity']) {
    this.#client = client;
    this.#contact = contactOf(client);
    this.#tuning = tuning;
  }

  /** Aborted when Temporal has not answered for too long. */
  get lost(): AbortSignal {
    return this.#lost.signal;
  }

  /** Asks for a sign of life, unless another activity has just asked; to be called with each heartbeat. */
  check(): void {
    const { heartbeatMs, cutOffMs } = this.#tuning;
    if (Date.now() - this.#contact.askedAt > heartbeatMs / 2) this.#ask();
    if (Date.now() - Math.max(this.#beganAt, this.#contact.heardAt) < cutOffMs) return;
    this.#lost.abort(
      new RavenError('The worker lost contact to Temporal and has stopped; another try goes on.', {
        kind: failures.workerCutOff,
        retryable: true,
      }),
    );
  }

  #ask(): void {
    const contact = this.#contact;
    contact.askedAt = Date.now();
    const ask = () => this.#client.workflowService.getSystemInfo({});
    this.#client.withDeadline(Date.now() + this.#tuning.contactWithinMs, ask).then(
      () => {
        contact.heardAt = Date.now();
      },
      () => undefined,
    );
  }
}
