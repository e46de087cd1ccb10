/** What a migration and a repeated copy have in common: a target that is made ready, kept in step and compared. */
import type { Verification } from '../core/compare/verification.ts';
import type { MigrateDatabaseConfig } from '../core/contract/contract.ts';
import type { Position } from '../core/copy/position.ts';
import { bulk, closing, quick } from './run/activity-proxies.ts';
import { claimOn, type Run, releaseOf } from './run/run.ts';
import type { Beginning } from './run/saved-state.ts';
import { type SavedVerifier, Verifier } from './verify/verifier.ts';

/** What the state of such a run begins with. @param title gets both sides as `connection/database` */
export function beginningOf(
  workflowType: Beginning['workflowType'],
  input: MigrateDatabaseConfig,
  title: (source: string, target: string) => string,
): Beginning {
  const { source, maxItemsPerSecond } = input;
  const target = { connection: input.target.connection, database: input.target.database };
  return {
    workflowType,
    title: title(`${source.connection}/${source.database}`, `${target.connection}/${target.database}`),
    input,
    source,
    target,
    maxItemsPerSecond,
    position: null,
    lag: null,
    verification: null,
  };
}

/** The steps of a copy of a live database. */
export class DatabaseCopy {
  readonly verifier: Verifier;
  readonly #run: Run;
  readonly #input: MigrateDatabaseConfig;

  constructor(run: Run, input: MigrateDatabaseConfig, verified?: SavedVerifier) {
    this.#run = run;
    this.#input = input;
    this.verifier = new Verifier(run, input, verified);
    const { source, target } = input;
    run.canUndo('claim', releaseOf(target));
    run.canUndo('tombstones', {
      orElse: 'The index that keeps the tombstones is still on the source',
      undo: () => closing.releaseTombstones(source),
    });
  }

  /**
   * Creates and claims the target, and lets the source keep its tombstones, until the end of the run.
   * @param mustBeEmpty whether the plan found nothing on the target that this run may write beside
   * @returns where the source stands before anything is read: what changes later is carried by the rounds
   * @throws ApplicationFailure of the type `TargetBusy` or `TargetNotEmpty` when another run writes into the target, or has
   */
  async prepare({ mustBeEmpty }: { mustBeEmpty: boolean }): Promise<Position> {
    const run = this.#run;
    const input = this.#input;
    const { source } = input;
    run.state.enter('preparing');
    await run.step(() => quick.createTarget(input));
    run.undoAtEnd('claim');
    // two runs may have found the same target empty
    await run.step(() => quick.claimTarget({ ...claimOn(input.target, source), mustBeEmpty }));
    await run.step(() => quick.prepareTarget(input));
    run.undoAtEnd('tombstones');
    await run.step(() => quick.holdTombstones(source));
    return await run.step(() => bulk.readPosition(source));
  }

  /**
   * Carries rounds of changes until little is left.
   * @param deletionsLost whether the source may have forgotten deletions since the position of the target
   */
  async catchUp({ deletionsLost = false } = {}): Promise<void> {
    const { state } = this.#run;
    state.enter('catching-up');
    const rounds = () =>
      bulk.catchUp({ ...this.#input, from: state.position(), until: 'close', deletionsLost });
    state.reached(await this.#run.step(rounds));
  }

  /** Deletes the documents on the target that the source does not have. @param anew whether nothing there counts */
  async deleteSurplus({ anew }: { anew: boolean }): Promise<void> {
    const { state } = this.#run;
    const transfer = { ...this.#input, from: state.position(), anew };
    state.note(await this.#run.step(() => bulk.deleteSurplusDocuments(transfer)));
  }

  async verify(): Promise<Verification> {
    this.#run.state.enter('verifying');
    return await this.verifier.verify();
  }
}
