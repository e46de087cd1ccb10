import { ApplicationFailure, CancellationScope, workflowInfo } from '@temporalio/workflow';
import { describeVerification } from '../core/compare/verification.ts';
import { type MigrateDatabaseConfig, parseSyncDatabase } from '../core/contract/contract.ts';
import { failures } from '../core/contract/failures.ts';
import type { Position } from '../core/copy/position.ts';
import { refusalOf } from '../core/run/refusals.ts';
import { copyInPieces } from './copy/copy-by-stream.ts';
import { bulk, closing, planning, quick } from './run/activity-proxies.ts';
import { Control } from './run/control.ts';
import { assertPossible, endOf, giveUp, valid } from './run/ending.ts';
import { rootCause } from './run/failure.ts';
import { MigrationState } from './run/migration-state.ts';
import { Verifier } from './verify/verifier.ts';

/** What `syncDatabase` returns. */
export interface SyncResult {
  phase: 'completed';
  workflowId: string;
  /** Whether everything was copied, as the first run does, or what had changed since the last run. */
  carried: 'everything' | 'changes';
  /** Where the target stands now; the next run starts from here. */
  position: Position;
  documents: { source: number; target: number };
  shards: Record<string, number>;
  reportPath: string;
}

/**
 * Copies a database into a sharded one, and in each later run what has changed since the last, then compares both.
 * There is no cutover. The argument is one `SyncDatabaseInput`. Safe to run under a schedule.
 */
export async function syncDatabase(argument: unknown): Promise<SyncResult> {
  return await new Sync(valid(parseSyncDatabase(argument))).run();
}

class Sync {
  #input: MigrateDatabaseConfig;
  readonly #state: MigrationState;
  readonly #control: Control;
  /** Whether what the target holds came by such runs. */
  #begun = false;
  #mayHoldTarget = false;
  #mayHoldTombstones = false;

  constructor(input: MigrateDatabaseConfig) {
    const state = new MigrationState(input);
    this.#input = input;
    this.#state = state;
    this.#control = new Control(state, (request) => refusalOf(request, state.progress));
  }

  async run(): Promise<SyncResult> {
    try {
      const last = await this.#plan();
      const now = await this.#prepare(last);
      const carried = await this.#carry(last, now);
      await this.#verify();
      await this.#control.step(() => quick.recordSync({ ...this.#input, from: this.#state.position() }));
      return await CancellationScope.nonCancellable(() => this.#complete(carried));
    } catch (error) {
      const end = endOf(this.#control, error, 'run');
      return await CancellationScope.nonCancellable(() =>
        giveUp(this.#state, error, end, async () => {
          await this.#release();
          return 'The source serves as before; the next run makes good what this one left undone.';
        }),
      );
    }
  }

  /** @returns where the last run has brought the target; undefined for the first run */
  async #plan(): Promise<Position | undefined> {
    const { checks, last, begun, shared } = await this.#control.step(() =>
      planning.readLastSync(this.#input),
    );
    this.#state.planned(checks, []);
    assertPossible(checks);
    this.#begun = begun || last !== null;
    // documents of others are there to stay, also where they are allowed no more
    if (shared) this.#input = { ...this.#input, target: { ...this.#input.target, allowExistingData: true } };
    const { target } = this.#input;
    const allowExistingData = target.allowExistingData || this.#begun;
    const plan = await this.#control.step(() =>
      planning.plan({ ...this.#input, target: { ...target, allowExistingData } }),
    );
    this.#state.planned(plan.checks, plan.notCarried);
    assertPossible(plan.checks);
    return last ?? undefined;
  }

  async #prepare(last: Position | undefined): Promise<Position> {
    const { source } = this.#input;
    this.#state.enter('preparing');
    await this.#control.step(() => quick.prepareTarget(this.#input));
    this.#mayHoldTarget = true;
    await this.#control.step(() => quick.claimTarget(this.#input));
    // a first run that fails must not keep the next one out of what it has left
    if (!last) await this.#control.step(() => quick.recordSync({ ...this.#input, from: null }));
    this.#mayHoldTombstones = true;
    await this.#control.step(() => quick.holdTombstones(source));
    return await this.#control.step(() => quick.readPosition(source));
  }

  async #carry(last: Position | undefined, now: Position): Promise<SyncResult['carried']> {
    const isSame = last?.databaseId === now.databaseId;
    this.#state.reached(last && isSame ? last : now);
    const transfer = () => ({ ...this.#input, from: this.#state.position() });
    if (!isSame) {
      this.#state.enter('copying');
      if (this.#begun) {
        const why = last ? 'The source is another storage now' : 'No run has come to its end yet';
        this.#state.note(`${why}: all is copied again.`);
        this.#state.note(
          await this.#control.step(() => bulk.deleteSurplusDocuments({ ...transfer(), anew: true })),
        );
      }
      await copyInPieces(this.#control, this.#state, transfer());
    }
    this.#state.enter('catching-up');
    // between two runs nothing keeps the tombstones
    const round = () => bulk.catchUp({ ...transfer(), until: 'close', deletionsLost: isSame });
    this.#state.reached(await this.#control.step(round));
    if (isSame)
      this.#state.note(
        await this.#control.step(() => bulk.deleteSurplusDocuments({ ...transfer(), anew: false })),
      );
    return isSame ? 'changes' : 'everything';
  }

  async #verify(): Promise<void> {
    this.#state.enter('verifying');
    const verifier = new Verifier(this.#state, this.#input);
    if (this.#begun) verifier.deletionsLost();
    const verification = await verifier.verify((work) => this.#control.step(work));
    if (verification.mismatches === 0) return;
    throw ApplicationFailure.nonRetryable(
      `The comparison found ${describeVerification(verification)}.`,
      failures.verificationFailed,
    );
  }

  async #complete(carried: SyncResult['carried']): Promise<SyncResult> {
    this.#state.enter('completing');
    await this.#release();
    this.#state.enter('completed');
    const report = this.#state.report();
    return {
      phase: 'completed',
      workflowId: workflowInfo().workflowId,
      carried,
      position: this.#state.position(),
      documents: report.documents ?? { source: 0, target: 0 },
      shards: report.shards,
      reportPath: await closing.writeReport(report),
    };
  }

  async #release(): Promise<void> {
    const { source } = this.#input;
    const gone = (what: string) => (error: unknown) => this.#state.note(`${what}: ${rootCause(error)}`);
    if (this.#mayHoldTombstones)
      await closing.releaseTombstones(source).catch(gone('What keeps the tombstones is still on the source'));
    if (this.#mayHoldTarget)
      await closing.releaseTarget(this.#input).catch(gone('The target is still claimed by this run'));
  }
}
