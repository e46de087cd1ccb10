/** The first copy by way of a dump file, which lies on the disk of the worker that wrote it. */
import { CancelledFailure } from '@temporalio/workflow';
import { failures } from '../../core/contract/failures.ts';
import type { DumpFile, Transfer } from '../../core/copy/transfer.ts';
import { bulk, onHost } from '../run/activity-proxies.ts';
import { failureType, isHostGone, rootCause } from '../run/failure.ts';
import { CopyMethod } from './copy-method.ts';

const NOT_REMOVED = 'A dump was left on the disk of the worker that wrote it';

interface Standing {
  transfer: Transfer;
  dump: DumpFile;
  /** Whether the file is on a host that is gone, and is left there. */
  isLost: boolean;
  itemsDone: number;
}

/** Exports into a file, and imports that. */
export class CopyByDump extends CopyMethod<Standing> {
  constructor(...given: ConstructorParameters<typeof CopyMethod<Standing>>) {
    super(...given);
    this.run.canUndo('dump', { orElse: NOT_REMOVED, undo: () => this.#remove() });
  }

  /** If the worker that holds the file stays away, another worker writes a new one, where that is allowed. */
  override async copy(): Promise<void> {
    const { run, standing } = this;
    standing.transfer ??= { ...this.input, from: run.state.position() };
    const { transfer } = standing;
    run.undoAtEnd('dump');
    for (;;) {
      if (!standing.dump || standing.isLost)
        Object.assign(standing, {
          dump: await run.step(() => bulk.exportDump(transfer)),
          isLost: false,
          itemsDone: 0,
        });
      try {
        await this.#import(transfer, standing.dump as DumpFile);
        standing.transfer = undefined;
        return await this.#remove().catch((error) => run.state.note(`${NOT_REMOVED}: ${rootCause(error)}`));
      } catch (error) {
        if (!isHostGone(error) && failureType(error) !== failures.dumpLost) throw error;
        standing.isLost = true;
        run.state.note(`The worker that held the dump is gone; exporting again: ${rootCause(error)}`);
      }
    }
  }

  override startOver(): void {
    this.standing.transfer = undefined;
    this.standing.isLost = true;
  }

  /** A dump must not fill the worker's disk. */
  async #remove(): Promise<void> {
    const { dump } = this.standing;
    this.standing.dump = undefined;
    if (dump) await onHost(dump.taskQueue).removeDump(dump);
  }

  /** @throws when the file is lost, or its host stays away and is not to be waited for */
  async #import(transfer: Transfer, dump: DumpFile): Promise<void> {
    const { run, standing } = this;
    const { hostGoneAfter, onHostGone } = this.input;
    const host = onHost(dump.taskQueue, hostGoneAfter);
    const importOnce = async () => {
      const { maxItemsPerSecond } = run.state.progress;
      const { itemsDone = 0 } = standing;
      const { stoppedAt } = await host.importDump({ ...transfer, dump, itemsDone, maxItemsPerSecond });
      if (stoppedAt === undefined) return;
      standing.itemsDone = stoppedAt;
      throw new CancelledFailure('The import was canceled.');
    };
    for (;;) {
      try {
        await run.step(importOnce, { obeysLimit: true });
        return run.state.attend('host', null);
      } catch (error) {
        if (!isHostGone(error) || onHostGone === 'exportAgain') throw error;
        run.state.attend(
          'host',
          `The worker of task queue "${dump.taskQueue}", which holds the dump, stays away: start it again, or abort.`,
        );
      }
    }
  }
}
