/** The first copy by RavenDB's own replication, which goes on until the end. */
import { bulk, closing, quick } from '../run/activity-proxies.ts';
import { rootCause, wasCanceled } from '../run/failure.ts';
import { CopyMethod } from './copy-method.ts';

/** Lets the source replicate into the target, and copies what replication does not carry. */
export class CopyByReplication extends CopyMethod<{ mayReplicate: boolean }> {
  constructor(...given: ConstructorParameters<typeof CopyMethod<{ mayReplicate: boolean }>>) {
    super(...given);
    const { source } = this.input;
    this.run.canUndo('replication', {
      orElse: 'The replication task is still on the source; delete it there',
      undo: () => closing.removeReplication(source),
    });
  }

  override async copy(): Promise<void> {
    const { run } = this;
    // nothing counts as arrived: RavenDB itself knows how far the task has come
    const everything = { ...this.input, from: { ...run.state.position(), etag: 0 } };
    this.standing.mayReplicate = true;
    run.undoAtEnd('replication');
    await run.step(() => quick.startReplication(everything));
    run.state.reached(await run.step(() => bulk.catchUp({ ...everything, until: 'carried' })));
    const transfer = { ...this.input, from: run.state.position() };
    await run.step(() => bulk.copyClusterItems(transfer));
  }

  /** RavenDB itself knows how far the task has come. */
  override startOver(): void {}

  override async pause(): Promise<void> {
    if (!this.standing.mayReplicate) return;
    try {
      await quick.pauseReplication(this.input.source);
    } catch (error) {
      if (wasCanceled(error)) throw error;
      this.run.state.note(`The replication task was not disabled, and goes on: ${rootCause(error)}`);
    }
  }
}
