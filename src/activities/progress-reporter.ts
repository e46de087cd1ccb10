import type { TransferReport } from '../core/run/activity-report.ts';

/** Tells a workflow how far an activity is: reports are merged and sent now and then, one after another. */
export class ProgressReporter {
  readonly #deliver: (report: TransferReport) => Promise<void>;
  #pending: TransferReport | undefined;
  #sending: Promise<void> | undefined;
  #sentAt = 0;

  /** @param deliver must not reject: the figures are a courtesy */
  constructor(deliver: (report: TransferReport) => Promise<void>) {
    this.#deliver = deliver;
  }

  /** Takes a report in. The last report of a figure wins; what is not carried and what is refused add up. */
  add(report: TransferReport): void {
    const { notCarried: lines = [], refused: items = [] } = this.#pending ?? {};
    const notCarried = [...lines, ...(report.notCarried ?? [])];
    const refused = [...items, ...(report.refused ?? [])];
    this.#pending = {
      ...this.#pending,
      ...report,
      ...(notCarried.length > 0 && { notCarried }),
      ...(refused.length > 0 && { refused }),
    };
  }

  /** Sends what has been reported, unless the last report is younger than this or still on its way. */
  sendIfDue(intervalMs: number): void {
    if (this.#sending || Date.now() - this.#sentAt < intervalMs) return;
    void this.#send();
  }

  /** Sends what has not been sent. A report that is on its way arrives before it, and before this returns. */
  async flush(): Promise<void> {
    await this.arrived();
    await this.#send();
  }

  /** Until a report that is on its way has arrived. Sends nothing more. */
  async arrived(): Promise<void> {
    await this.#sending;
  }

  async #send(): Promise<void> {
    const report = this.#pending;
    if (!report) return;
    this.#pending = undefined;
    this.#sentAt = Date.now();
    this.#sending = this.#deliver(report).finally(() => {
      this.#sending = undefined;
    });
    await this.#sending;
  }
}
