/** Writers that go on with the old database, where it is left open: what they write is not on the target. */
import type { MigrateDatabaseConfig } from '../../core/contract/contract.ts';
import type { Position } from '../../core/copy/position.ts';
import { trying } from '../run/activity-proxies.ts';
import type { CutoverState } from '../run/cutover-state.ts';
import type { Run } from '../run/run.ts';

export class LateWriters {
  readonly #run: Run<CutoverState>;
  #since: { position: Position; at: string } | undefined;

  constructor(run: Run<CutoverState>, { source, target }: MigrateDatabaseConfig) {
    this.#run = run;
    run.canUndo('late writes', {
      orElse: `Whether anything has come to the old database "${source.database}" since the switch is not known`,
      undo: async () => {
        if (this.#since)
          run.state.wroteLate(await trying.watchLateWrites({ source, target, ...this.#since }));
      },
    });
  }

  /**
   * Has them looked for at the end of the run: what is to be done before that must be asked for later.
   * @param position where the source stood when the target began to serve
   */
  watchSince(position: Position): void {
    this.#since = { position, at: new Date().toISOString() };
    this.#run.undoAtEnd('late writes');
  }
}
