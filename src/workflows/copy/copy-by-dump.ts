/** The first copy by way of a dump file, which lies on the disk of the worker that wrote it. */
import { CancelledFailure } from '@temporalio/workflow';
import { failures } from '../../core/contract/failures.ts';
import type { DumpFile, Transfer } from '../../core/copy/transfer.ts';
import { bulk, onHost } from '../run/activity-proxies.ts';
import { failureType, isHostGone, rootCause } from '../run/failure.ts';
import { CopyMethod } from './copy-method.ts';

const NOT_REMOVED = 'A dump was left on the disk of the worker that wrote it';

/** Exports into a file, and imports that. */
export class CopyByDump extends CopyMethod {
  #dump: DumpFile | undefined;

  /** If the worker that holds the file stays away, another worker writes a new one, where that is allowed. */
  override async copy(): Promise<void> {
    const { run } = this;
    const transfer = { ...this.input, from: run.state.position() };
    run.atEnd(NOT_REMOVED, () => this.#remove());
    for (;;) {
      const dump = await run.step(() => bulk.exportDump(transfer));
      // a file on a host that is gone is left there
      this.#dump = dump;
      try {
        await this.#import(transfer, dump);
        return await this.#remove().catch((error) => run.state.note(`${NOT_REMOVED}: ${rootCause(error)}`));
      } catch (error) {
        if (!isHostGone(error) && failureType(error) !== failures.dumpLost) throw error;
        run.state.note(`The worker that held the dump is gone; exporting again: ${rootCause(error)}`);
      }
    }
  }

  /** A dump must not fill the worker's disk. */
  async #remove(): Promise<void> {
    const dump = this.#dump;
    this.#dump = undefined;
    if (dump) await onHost(dump.taskQueue).removeDump(dump);
  }

  /** @throws when the file is lost, or its host stays away and is not to be waited for */
  async #import(transfer: Transfer, dump: DumpFile): Promise<void> {
    const { run } = this;
    const { hostGoneAfter, onHostGone } = this.input;
    const host = onHost(dump.taskQueue, hostGoneAfter);
    let itemsDone = 0;
    const importOnce = async () => {
      const { maxItemsPerSecond } = run.state.progress;
      const { stoppedAt } = await host.importDump({ ...transfer, dump, itemsDone, maxItemsPerSecond });
      if (stoppedAt === undefined) return;
      itemsDone = stoppedAt;
      throw new CancelledFailure('The import was canceled.');
    };
    for (;;) {
      try {
        await run.step(importOnce, { obeysLimit: true });
        return run.state.attend(null);
      } catch (error) {
        if (!isHostGone(error) || onHostGone === 'exportAgain') throw error;
        run.state.attend(
          `The worker of task queue "${dump.taskQueue}", which holds the dump, stays away: start it again, or abort.`,
        );
      }
    }
  }
}
