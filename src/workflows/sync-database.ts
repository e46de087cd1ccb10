import { ApplicationFailure } from '@temporalio/workflow';
import { describeVerification, type Verification } from '../core/compare/verification.ts';
import { type MigrateDatabaseConfig, parseSyncDatabase } from '../core/contract/contract.ts';
import { failures } from '../core/contract/failures.ts';
import type { Position } from '../core/copy/position.ts';
import type { RunResult, SyncResult } from '../core/run/results.ts';
import { CopyByStream } from './copy/copy-by-stream.ts';
import { bulk, closing, planning, quick } from './run/activity-proxies.ts';
import { Run, valid } from './run/run.ts';
import { RunState } from './run/run-state.ts';
import { Verifier } from './verify/verifier.ts';

/**
 * Copies a database into a sharded one, and in each later run what has changed since the last, then compares both.
 * There is no cutover. The argument is one `SyncDatabaseInput`. Safe to run under a schedule.
 */
export async function syncDatabase(argument: unknown): Promise<SyncResult> {
  const input = valid(parseSyncDatabase(argument));
  const { source, maxItemsPerSecond } = input;
  const target = { connection: input.target.connection, database: input.target.database };
  const run = new Run(
    new RunState({
      workflowType: 'syncDatabase',
      title: `Copy of ${source.connection}/${source.database} into ${target.connection}/${target.database}`,
      input,
      source,
      target,
      maxItemsPerSecond,
      position: null,
      lag: null,
      verification: null,
    }),
  );
  return await run.toTheEnd(() => new Sync(run, input).run());
}

class Sync {
  #input: MigrateDatabaseConfig;
  readonly #run: Run;
  readonly #state: RunState;
  /** Whether earlier runs of this copy began to fill the target. */
  #begun = false;

  constructor(run: Run, input: MigrateDatabaseConfig) {
    this.#input = input;
    this.#run = run;
    this.#state = run.state;
  }

  async run(): Promise<Omit<SyncResult, keyof RunResult>> {
    this.#run.leaves = 'The source serves as before; the next run catches up.';
    const last = await this.#plan();
    const now = await this.#prepare(last);
    const carried = await this.#carry(last, now);
    const { documents, shards } = await this.#verify();
    const position = this.#state.position();
    await this.#run.step(() => quick.recordSync({ ...this.#input, from: position }));
    return { carried, position, documents, shards };
  }

  /** @returns where the last run has brought the target; undefined for the first run */
  async #plan(): Promise<Position | undefined> {
    const { checks, last, begun, shared } = await this.#run.step(() => planning.readLastSync(this.#input));
    this.#run.planned(checks);
    this.#begun = begun || last !== null;
    // documents of others are there to stay, also where they are allowed no more
    if (shared) this.#input = { ...this.#input, target: { ...this.#input.target, allowExistingData: true } };
    const { target } = this.#input;
    const allowExistingData = target.allowExistingData || this.#begun;
    const plan = await this.#run.step(() =>
      planning.plan({ ...this.#input, target: { ...target, allowExistingData } }),
    );
    this.#run.planned(plan.checks, plan.notCarried);
    return last ?? undefined;
  }

  async #prepare(last: Position | undefined): Promise<Position> {
    const { source } = this.#input;
    this.#state.enter('preparing');
    await this.#run.step(() => quick.prepareTarget(this.#input));
    this.#run.atEnd('The target is still claimed by this run', () => closing.releaseTarget(this.#input));
    await this.#run.step(() => quick.claimTarget(this.#input));
    // a first run that fails must not keep the next one out of what it has left
    if (!last) await this.#run.step(() => quick.recordSync({ ...this.#input, from: null }));
    this.#run.atEnd('The index that keeps the tombstones is still on the source', () =>
      closing.releaseTombstones(source),
    );
    await this.#run.step(() => quick.holdTombstones(source));
    return await this.#run.step(() => quick.readPosition(source));
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
          await this.#run.step(() => bulk.deleteSurplusDocuments({ ...transfer(), anew: true })),
        );
      }
      await new CopyByStream(this.#run, this.#input).copy();
    }
    this.#state.enter('catching-up');
    // between two runs nothing keeps the tombstones
    const round = () => bulk.catchUp({ ...transfer(), until: 'close', deletionsLost: isSame });
    this.#state.reached(await this.#run.step(round));
    if (isSame)
      this.#state.note(
        await this.#run.step(() => bulk.deleteSurplusDocuments({ ...transfer(), anew: false })),
      );
    return isSame ? 'changes' : 'everything';
  }

  async #verify(): Promise<Verification> {
    this.#state.enter('verifying');
    const verifier = new Verifier(this.#run, this.#input);
    if (this.#begun) verifier.deletionsLost();
    const verification = await verifier.verify();
    if (verification.mismatches === 0) return verification;
    throw ApplicationFailure.nonRetryable(
      `The comparison found ${describeVerification(verification)}.`,
      failures.verificationFailed,
    );
  }
}
