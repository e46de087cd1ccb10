/** The first copy by RavenDB's own replication, which goes on until the end. */
import { isCancellation } from '@temporalio/workflow';
import { bulk, closing, quick } from '../run/activity-proxies.ts';
import { rootCause } from '../run/failure.ts';
import { Carrier } from './copy-method.ts';

/** Lets the source replicate into the target, and copies beside it what replication does not carry. */
export class ReplicationCarrier extends Carrier {
  #mayBeThere = false;

  override async copy(): Promise<void> {
    // nothing counts as arrived: how far the task has come, RavenDB itself knows
    const all = { ...this.input, from: { ...this.state.position(), etag: 0 } };
    // before the call, which may take effect and its answer be lost
    this.#mayBeThere = true;
    await this.control.step(() => quick.startReplication(all));
    this.state.reached(await this.control.step(() => bulk.catchUp({ ...all, until: 'carried' })));
    const transfer = { ...this.input, from: this.state.position() };
    await this.control.step(() => quick.copyClusterItems(transfer));
  }

  override async pause(): Promise<void> {
    if (!this.#mayBeThere) return;
    try {
      await quick.pauseReplication(this.input.source);
    } catch (error) {
      if (isCancellation(error)) throw error;
      this.state.note(`The replication task was not disabled, and goes on: ${rootCause(error)}`);
    }
  }

  override async tidyUp(): Promise<void> {
    if (!this.#mayBeThere) return;
    try {
      await closing.removeReplication(this.input.source);
    } catch (error) {
      this.state.note(`The replication task is still on the source; delete it there: ${rootCause(error)}`);
    }
  }
}
