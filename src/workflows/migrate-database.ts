import { CancellationScope, condition } from '@temporalio/workflow';
import {
  type MigrateDatabaseConfig,
  type Parsed,
  parseMigrateDatabase,
  type WorkflowType,
} from '../core/contract/contract.ts';
import { failures } from '../core/contract/failures.ts';
import type { MigrationResult, RunResult } from '../core/run/results.ts';
import { chooseMethod } from './copy/choose-method.ts';
import type { CopyMethod } from './copy/copy-method.ts';
import { FenceFreeze } from './cutover/fence-freeze.ts';
import type { Freeze } from './cutover/freeze.ts';
import { Freezer } from './cutover/freezer.ts';
import { tellLeftToDo } from './cutover/left-to-do.ts';
import { Observation, type SavedObservation } from './cutover/observation.ts';
import { QuietFreeze } from './cutover/quiet-freeze.ts';
import { beginningOf, DatabaseCopy } from './database-copy.ts';
import { bulk, planning, quick } from './run/activity-proxies.ts';
import { Ended } from './run/control.ts';
import { CutoverState } from './run/cutover-state.ts';
import { failureType, isDeltaBroken, rootCause } from './run/failure.ts';
import { type Continued, claimOn, Run, valid } from './run/run.ts';
import { tuning } from './run/tuning.ts';
import { foreseeRepair, repairAll } from './verify/repair.ts';
import type { SavedVerifier } from './verify/verifier.ts';

const UNCHANGED = 'Nothing was changed on source or target.';

/**
 * Moves a database into a sharded one: copies it, keeps the copy in step while it waits for an approval, and
 * hands over once every document was compared on a source that stands still. The argument is one
 * `MigrateDatabaseInput`.
 */
export async function migrateDatabase(
  argument: unknown,
  continued?: ContinuedMigration,
): Promise<MigrationResult> {
  return await migrate('migrateDatabase', argument, parseMigrateDatabase(argument), continued);
}

/** The run of every workflow type that is a migration. @param continued of the run that this one goes on with */
export async function migrate(
  workflowType: WorkflowType,
  argument: unknown,
  parsed: Parsed<MigrateDatabaseConfig>,
  continued: ContinuedMigration | undefined,
): Promise<MigrationResult> {
  const input = valid(parsed);
  const { method } = input;
  const beginning = beginningOf(
    workflowType,
    input,
    (source, target) => `Migration from ${source} to ${target} (${method})`,
  );
  const how = { method, ...(input.freeze === 'fence' && { freeze: input.freeze }) };
  const run = new Run(new CutoverState({ ...beginning, ...how }, continued?.state), continued);
  run.control.listenForRepairs(run.state);
  run.control.listenForDecisions(run.state);
  return await run.toTheEnd(() => new Migration(run, input, continued?.runbook).run(argument));
}

/** What a migration hands to the run that goes on with it. */
export type ContinuedMigration = Continued<Standing>;

type Part =
  | 'plan'
  | 'method'
  | 'prepare'
  | 'tidy'
  | 'copy'
  | 'indexes'
  | 'rounds'
  | 'comparison'
  | 'decision'
  | 'freeze'
  | 'observation';

/** Where the runbook stands. */
interface Standing {
  /** The part of the runbook to go on with. */
  at: Part;
  /** Whether the target holds what an earlier run has left. */
  resumes: boolean;
  /** Whether nothing on the target counts, because the source is another storage now. */
  mustCopy: boolean;
  /** Set while the source cannot say what has changed: whether it is another storage, or has lost tombstones. */
  broken: { isAnother: boolean } | null;
  method: object;
  verifier: SavedVerifier;
  /** How often the source was frozen in vain since the approval. */
  freezes?: number;
  observation?: SavedObservation;
}

/** The runbook. */
class Migration {
  readonly #input: MigrateDatabaseConfig;
  readonly #run: Run<CutoverState>;
  readonly #state: CutoverState;
  readonly #method: CopyMethod;
  readonly #copy: DatabaseCopy;
  readonly #freeze: Freeze;
  readonly #freezer: Freezer;
  #at: Part;
  #mustCopy: boolean;
  #broken: Standing['broken'];
  #resumes: boolean;
  #observation: Observation | undefined;

  constructor(run: Run<CutoverState>, input: MigrateDatabaseConfig, standing?: Standing) {
    this.#run = run;
    this.#state = run.state;
    this.#input = input;
    this.#at = standing?.at ?? 'plan';
    this.#resumes = standing?.resumes ?? false;
    this.#mustCopy = standing?.mustCopy ?? false;
    this.#broken = standing?.broken ?? null;
    this.#method = chooseMethod(run, input, standing?.method);
    this.#copy = new DatabaseCopy(run, input, standing?.verifier);
    const { verifier } = this.#copy;
    const observed = standing?.observation;
    this.#freeze =
      input.freeze === 'fence'
        ? new FenceFreeze(run, input, verifier, observed?.old)
        : new QuietFreeze(run, input, verifier);
    this.#freezer = new Freezer(run, this.#freeze, standing?.freezes);
    this.#observation = observed && new Observation(run, input, observed);
    run.control.alsoPause = () => this.#method.pause();
    run.control.endsPause = () => this.#state.rejection !== null;
  }

  async run(argument: unknown): Promise<Omit<MigrationResult, keyof RunResult>> {
    this.#run.mayContinue(argument, () => this.#standing());
    if (this.#at === 'plan') await this.#plan();
    if (this.#at === 'method') await this.#planMethod();
    if (this.#at === 'prepare') await this.#prepare();
    if (this.#at === 'tidy') await this.#tidyEarlierRun();
    if (this.#at === 'copy') await this.#copyAll();
    if (this.#at === 'indexes') await this.#copyIndexes();
    if (this.#at === 'observation') return await this.#observe();
    for (;;) {
      if (this.#at !== 'decision' && this.#at !== 'freeze') await this.#catchUpAndVerify();
      const decision = await this.#waitForDecision();
      if (decision === 'repair') await repairAll(this.#run, this.#copy.verifier.repairable);
      if (decision === 'approved' && (await this.#cutOver())) return await this.#observe();
      const { rehearsalAsked } = this.#state;
      const isFine = rehearsalAsked !== null && (await this.#rehearse(rehearsalAsked.within));
      this.#at = isFine ? 'decision' : 'rounds';
    }
  }

  #standing(): Standing {
    return {
      at: this.#at,
      resumes: this.#resumes,
      mustCopy: this.#mustCopy,
      broken: this.#broken,
      method: this.#method.standing,
      verifier: this.#copy.verifier.save(),
      ...(this.#freezer.tries > 0 && { freezes: this.#freezer.tries }),
      ...(this.#observation && { observation: this.#observation.save() }),
    };
  }

  async #plan(): Promise<void> {
    this.#run.leaves = UNCHANGED;
    const { firstRunId } = claimOn(this.#input.target);
    const { checks, notCarried, resumes } = await this.#run.step(() =>
      planning.plan({ ...this.#input, firstRunId }),
    );
    this.#run.planned(checks, notCarried);
    this.#resumes = resumes ?? false;
    this.#at = 'method';
  }

  async #planMethod(): Promise<void> {
    this.#run.planned(await this.#method.plan());
    this.#at = 'prepare';
  }

  async #prepare(): Promise<void> {
    this.#run.leaves = this.#unfinishedCopy();
    try {
      const mustBeEmpty = !this.#resumes && !this.#input.target.allowExistingData;
      this.#state.reached(await this.#copy.prepare({ mustBeEmpty }));
    } catch (error) {
      // the target belongs to another run
      const type = failureType(error);
      if (type === failures.targetBusy || type === failures.targetNotEmpty) this.#run.leaves = UNCHANGED;
      throw error;
    }
    this.#at = 'copy';
    if (!this.#resumes) return;
    this.#state.note('This run goes on with what an earlier run of this workflow has left on the target.');
    this.#at = 'tidy';
  }

  /** An earlier run has left documents that the source may have deleted since; everything else is copied over. */
  async #tidyEarlierRun(): Promise<void> {
    await this.#copy.deleteSurplus({ anew: false });
    this.#copy.verifier.deletionsLost();
    this.#at = 'copy';
  }

  async #copyAll(): Promise<void> {
    this.#state.enter('copying');
    await this.#resyncing(() => this.#copyItems());
    this.#at = 'indexes';
  }

  async #copyIndexes(): Promise<void> {
    this.#state.leftOut(await this.#run.step(() => bulk.copyIndexes(this.#input)));
    this.#at = 'rounds';
  }

  async #copyItems(): Promise<void> {
    await this.#method.copy();
    this.#mustCopy = false;
  }

  async #catchUpAndVerify(): Promise<void> {
    await this.#resyncing(async () => {
      if (this.#mustCopy) await this.#copyItems();
      if (this.#at === 'rounds') await this.#copy.catchUp();
      this.#at = 'comparison';
      await this.#copy.verify();
    });
    this.#at = 'decision';
  }

  /** Does work that relies on what the source says has changed; after a resync where it can no longer say that. */
  async #resyncing(work: () => Promise<void>): Promise<void> {
    for (;;) {
      try {
        if (this.#broken) await this.#resync(this.#broken);
        return await work();
      } catch (error) {
        if (!isDeltaBroken(error)) throw error;
        this.#broken = { isAnother: failureType(error) === failures.sourceChanged };
        const why = rootCause(error);
        this.#state.note(`${why} The target is synchronized again with what the source holds now.`);
      }
    }
  }

  /** Another node counts its etags by itself: everything is copied again. Lost tombstones leave the etags valid. */
  async #resync({ isAnother }: NonNullable<Standing['broken']>): Promise<void> {
    const { source } = this.#input;
    if (this.#at === 'comparison') this.#at = 'rounds';
    this.#state.enter('copying');
    await this.#run.step(() => quick.holdTombstones(source));
    this.#mustCopy ||= isAnother;
    if (isAnother) this.#method.startOver();
    if (this.#mustCopy) this.#state.reached(await this.#run.step(() => bulk.readPosition(source)));
    this.#copy.verifier.deletionsLost();
    await this.#copy.deleteSurplus({ anew: this.#mustCopy });
    this.#broken = null;
  }

  /** Keeps the target in step until somebody decides, or until it is time to compare again. */
  async #waitForDecision(): Promise<'approved' | 'rehearse' | 'repair' | 'compare again'> {
    this.#state.enter('awaiting-approval');
    for (;;) {
      await this.#run.control.untilNotPaused();
      const { rejection, repairAsked, dryRunAsked, rehearsalAsked, progress, skipsAnew } = this.#state;
      const { failedVerifications: failed } = this.#state;
      if (rejection) throw new Ended('rejected', failures.rejected, 'The cutover was rejected', rejection);
      if (progress.approval) return 'approved';
      if (rehearsalAsked) return 'rehearse';
      if (repairAsked) return 'repair';
      if (skipsAnew) return 'compare again';
      if (dryRunAsked) await foreseeRepair(this.#run, this.#copy.verifier.repairable);
      const wait = Math.min(tuning.maxVerifyAgainMs, tuning.verifyAgainMs * 2 ** (failed - 1));
      try {
        await this.#catchUpUntilAsked(failed > 0 ? wait : undefined);
      } catch (error) {
        // the next comparison begins with a resync
        if (isDeltaBroken(error)) return 'compare again';
        throw error;
      }
      if (failed > 0 && !this.#isDecided && !this.#run.control.isFull) return 'compare again';
    }
  }

  get #isDecided(): boolean {
    const { rejection, repairAsked, dryRunAsked, rehearsalAsked, progress, skipsAnew } = this.#state;
    return (
      skipsAnew || Boolean(rejection ?? repairAsked ?? dryRunAsked ?? rehearsalAsked ?? progress.approval)
    );
  }

  /** Carries changes until a decision, a pause, an abort, or the end of the time. */
  async #catchUpUntilAsked(timeoutMs: number | undefined): Promise<void> {
    const { control, state } = this.#run;
    const asked = () => this.#isDecided || state.progress.paused || control.aborting || control.isFull;
    const scope = new CancellationScope();
    const rounds = scope.run(() =>
      bulk.catchUp({ ...this.#input, from: state.position(), until: 'canceled' }),
    );
    const decision = scope.run(async () => {
      if (timeoutMs === undefined) await condition(asked);
      else await condition(asked, timeoutMs);
    });
    try {
      await Promise.race([decision, rounds]);
    } finally {
      scope.cancel();
      // it returns where it stands; if it never began, the position stays as it was
      await rounds.then(
        (position) => state.reached(position),
        () => undefined,
      );
    }
  }

  /** From the freeze to the switch, all in one run. @returns false when the freeze had to be undone */
  async #cutOver(): Promise<boolean> {
    if (!(await this.#isUpToDate())) {
      this.#state.withdrawApproval();
      return false;
    }
    const undone = await this.#freezer.freeze(this.#input.downtimeBudget, () => this.#freeze.cutOver());
    if (undone !== null) {
      this.#state.thawed(undone);
      return false;
    }
    this.#run.control.ignoreAbort();
    this.#run.leaves = this.#served();
    this.#observation = await this.#freeze.settle();
    return true;
  }

  /** All of a cutover but the switch. Afterwards the source serves. @returns whether a cutover would have succeeded */
  async #rehearse(within: string): Promise<boolean> {
    if (!(await this.#isUpToDate())) {
      this.#state.rehearsed('the comparison before the freeze found differences.');
      return false;
    }
    const undone = await this.#freezer.freeze(within, () => this.#freeze.rehearse());
    if (undone === null) await CancellationScope.nonCancellable(() => this.#freeze.thaw());
    this.#state.rehearsed(undone);
    return undone === null;
  }

  /** Compares everything again where too much has changed for the downtime. @returns whether a cutover may begin */
  async #isUpToDate(): Promise<boolean> {
    if (this.#at !== 'freeze' && this.#copy.verifier.isOutdated) {
      this.#at = 'rounds';
      await this.#catchUpAndVerify();
      if (!this.#state.isAcceptable) return false;
    }
    this.#at = 'freeze';
    return true;
  }

  /** The target serves: until the way back is closed, too. */
  async #observe(): Promise<Omit<MigrationResult, keyof RunResult>> {
    this.#at = 'observation';
    if (this.#observation) {
      this.#state.enter('observing');
      await tellLeftToDo(this.#run, this.#input);
      await this.#observation.toItsEnd();
    }
    this.#state.enter('completing');
    await tellLeftToDo(this.#run, this.#input);
    return this.#result();
  }

  #result(): Omit<MigrationResult, keyof RunResult> {
    const { mismatches, documents, shards, downtimeSeconds } = this.#state.report();
    return {
      mismatches: mismatches ?? 0,
      documents: documents ?? { source: 0, target: 0 },
      shards,
      downtimeSeconds: downtimeSeconds ?? 0,
    };
  }

  #served(): string {
    const { source, target } = this.#input;
    return `"${target.database}" serves since the cutover. There is no way back to "${source.database}" any more.`;
  }

  #unfinishedCopy(): string {
    const { source, target, method } = this.#input;
    return (
      `The source "${source.database}" serves as before. The target "${target.database}" is an unfinished copy: ` +
      `delete it, or migrate into it again with target.allowExistingData` +
      `${method === 'replication' ? ' and method "stream"' : ''}.`
    );
  }
}
