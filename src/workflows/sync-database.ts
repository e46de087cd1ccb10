import { ApplicationFailure } from '@temporalio/workflow';
import { describeVerification, type Verification } from '../core/compare/verification.ts';
import { type MigrateDatabaseConfig, parseSyncDatabase } from '../core/contract/contract.ts';
import { failures } from '../core/contract/failures.ts';
import type { Position } from '../core/copy/position.ts';
import type { RunResult, SyncResult } from '../core/run/results.ts';
import { CopyByStream } from './copy/copy-by-stream.ts';
import { beginningOf, DatabaseCopy } from './database-copy.ts';
import { planning, quick } from './run/activity-proxies.ts';
import { type Continued, Run, valid } from './run/run.ts';
import { RunState } from './run/run-state.ts';
import type { SavedVerifier } from './verify/verifier.ts';

/**
 * Copies a database into a sharded one, and in each later run what has changed since the last, then compares both.
 * There is no cutover. The argument is one `SyncDatabaseInput`. Safe to run under a schedule.
 */
export async function syncDatabase(argument: unknown, continued?: Continued<Standing>): Promise<SyncResult> {
  const input = valid(parseSyncDatabase(argument));
  const beginning = beginningOf(
    'syncDatabase',
    input,
    (source, target) => `Copy of ${source} into ${target}`,
  );
  const run = new Run(new RunState(beginning, continued?.state), continued);
  return await run.toTheEnd(async () => {
    run.leaves = 'The source serves as before; the next run catches up.';
    const last = continued?.runbook.last ?? (await readLastRun(run, input));
    const sync = new Sync(run, withOthers(input, last), last, continued?.runbook);
    return await sync.run(argument);
  });
}

/** Where the runbook stands. */
interface Standing {
  last: LastRun;
  carried: SyncResult['carried'];
  /** The part of the runbook to go on with. */
  at: 'copy' | 'changes' | 'comparison';
  copy: object;
  verifier: SavedVerifier;
}

/** What earlier runs have left. */
interface LastRun {
  /** Where the last run has brought the target; null when none has completed. */
  position: Position | null;
  /** Whether earlier runs began to fill the target. */
  begun: boolean;
  /** Whether the target may hold documents of others. */
  shared: boolean;
}

async function readLastRun(run: Run, input: MigrateDatabaseConfig): Promise<LastRun> {
  const { checks, last, begun, shared } = await run.step(() => planning.readLastSync(input));
  run.planned(checks);
  return { position: last, begun: begun || last !== null, shared };
}

/** Documents of others stay, even when they are no longer allowed. */
function withOthers(input: MigrateDatabaseConfig, { shared }: LastRun): MigrateDatabaseConfig {
  return shared ? { ...input, target: { ...input.target, allowExistingData: true } } : input;
}

/** The runbook. */
class Sync {
  readonly #input: MigrateDatabaseConfig;
  readonly #run: Run;
  readonly #copy: DatabaseCopy;
  readonly #method: CopyByStream;
  readonly #last: LastRun;
  #standing: Pick<Standing, 'carried' | 'at'> | undefined;

  constructor(run: Run, input: MigrateDatabaseConfig, last: LastRun, standing?: Standing) {
    this.#input = input;
    this.#run = run;
    this.#copy = new DatabaseCopy(run, input, standing?.verifier);
    this.#method = new CopyByStream(run, input, standing?.copy);
    this.#last = last;
    this.#standing = standing;
  }

  async run(argument: unknown): Promise<Omit<SyncResult, keyof RunResult>> {
    const standing = this.#standing ?? (await this.#begin());
    this.#run.mayContinue(
      argument,
      (): Standing => ({
        ...standing,
        last: this.#last,
        copy: this.#method.standing,
        verifier: this.#copy.verifier.save(),
      }),
    );
    const { carried } = standing;
    if (standing.at === 'copy') {
      await this.#copyEverything();
      standing.at = 'changes';
    }
    if (standing.at === 'changes') {
      await this.#carryChanges(carried);
      if (this.#last.begun) this.#copy.verifier.deletionsLost();
      standing.at = 'comparison';
    }
    const { documents, shards } = await this.#verify();
    const position = this.#run.state.position();
    await this.#record(position);
    return { carried, position, documents, shards };
  }

  async #begin(): Promise<Pick<Standing, 'carried' | 'at'>> {
    await this.#plan();
    const { position, begun } = this.#last;
    const mustBeEmpty = !begun && !this.#input.target.allowExistingData;
    const now = await this.#copy.prepare({ mustBeEmpty });
    if (position && position.databaseId === now.databaseId) {
      this.#run.state.reached(position);
      return { carried: 'changes', at: 'changes' };
    }
    // a first run that fails must not keep the next one out of what it has left
    if (!position) await this.#record(null);
    this.#run.state.reached(now);
    return { carried: 'everything', at: 'copy' };
  }

  async #plan(): Promise<void> {
    const { target } = this.#input;
    const allowExistingData = target.allowExistingData || this.#last.begun;
    const { checks, notCarried } = await this.#run.step(() =>
      planning.plan({ ...this.#input, target: { ...target, allowExistingData } }),
    );
    this.#run.planned(checks, notCarried);
  }

  async #copyEverything(): Promise<void> {
    const { position, begun } = this.#last;
    const { state } = this.#run;
    state.enter('copying');
    if (begun && !this.#method.isAtWork) {
      const why = position ? 'The source is another storage now' : 'No earlier run has completed';
      state.note(`${why}: everything is copied again.`);
      await this.#copy.deleteSurplus({ anew: true });
    }
    await this.#method.copy();
  }

  /** Between two runs nothing keeps the tombstones, so deletions since the last one are found by comparing ids. */
  async #carryChanges(carried: SyncResult['carried']): Promise<void> {
    const deletionsLost = carried === 'changes';
    await this.#copy.catchUp({ deletionsLost });
    if (deletionsLost) await this.#copy.deleteSurplus({ anew: false });
  }

  async #verify(): Promise<Verification> {
    const verification = await this.#copy.verify();
    if (verification.mismatches === 0) return verification;
    throw ApplicationFailure.nonRetryable(
      `The comparison found ${describeVerification(verification)}.`,
      failures.verificationFailed,
    );
  }

  /** Notes on the target how far it holds the source; the next run starts from there. */
  async #record(from: Position | null): Promise<void> {
    await this.#run.step(() => quick.recordSync({ ...this.#input, from }));
  }
}
