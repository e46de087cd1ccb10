/** The first copy by way of a dump file, which lies on the disk of the worker that wrote it. */
import { CancelledFailure } from '@temporalio/workflow';
import { failures } from '../../core/contract/failures.ts';
import type { DumpFile, Transfer } from '../../core/copy/transfer.ts';
import { bulk, onHost } from '../run/activity-proxies.ts';
import { failureType, isHostGone, rootCause } from '../run/failure.ts';
import { Carrier } from './copy-method.ts';

/** Exports into a file, and imports that. */
export class DumpCarrier extends Carrier {
  #dump: DumpFile | undefined;

  /** The file lies on the worker that wrote it: should that one stay away, another writes a new one, if it may. */
  override async copy(): Promise<void> {
    const transfer = { ...this.input, from: this.state.position() };
    for (;;) {
      const dump = await this.control.step(() => bulk.exportDump(transfer));
      this.#dump = dump;
      try {
        await this.#import(transfer, dump);
        return await this.tidyUp();
      } catch (error) {
        if (!isHostGone(error) && failureType(error) !== failures.dumpLost) throw error;
        this.state.note(`The worker that held the dump is gone, exporting again: ${rootCause(error)}`);
      }
    }
  }

  /** @throws when the file is lost, or the host of the file stays away and is not to be waited for */
  async #import(transfer: Transfer, dump: DumpFile): Promise<void> {
    const { hostGoneAfter, onHostGone } = this.input;
    const host = onHost(dump.taskQueue, hostGoneAfter);
    let itemsDone = 0;
    for (;;) {
      try {
        await this.control.step(async () => {
          const { maxItemsPerSecond } = this.state.progress;
          const { stoppedAt } = await host.importDump({ ...transfer, dump, itemsDone, maxItemsPerSecond });
          if (stoppedAt === undefined) return;
          itemsDone = stoppedAt;
          throw new CancelledFailure('The import was canceled.');
        });
        return this.state.attend(null);
      } catch (error) {
        if (!isHostGone(error) || onHostGone === 'exportAgain') throw error;
        this.state.attend(
          `The worker of task queue "${dump.taskQueue}", which holds the dump, stays away: start it again, or abort.`,
        );
      }
    }
  }

  /** An imported or a given-up dump must not fill the worker's disk. One on a host that is gone is left there. */
  override async tidyUp(): Promise<void> {
    const dump = this.#dump;
    this.#dump = undefined;
    if (!dump) return;
    await onHost(dump.taskQueue)
      .removeDump(dump)
      .catch((error) => this.state.note(`The dump ${dump.file} was not removed: ${rootCause(error)}`));
  }
}
