/** The runbook of a migration, of which the workflow types are all or a part. */
import { ApplicationFailure } from '@temporalio/workflow';
import type { ChosenFreeze, MigrateDatabaseConfig, PlannedConfig } from '../core/contract/contract.ts';
import { failures } from '../core/contract/failures.ts';
import type { Position } from '../core/copy/position.ts';
import type { MigrationResult, RehearsalResult, RunResult } from '../core/run/results.ts';
import { chooseMethod } from './copy/choose-method.ts';
import type { CopyMethod } from './copy/copy-method.ts';
import { HandOver, type SavedHandOver } from './cutover/hand-over.ts';
import { DatabaseCopy } from './database-copy.ts';
import { bulk, quick } from './run/activity-proxies.ts';
import type { CutoverState } from './run/cutover-state.ts';
import { failureType, isDeltaBroken, rootCause } from './run/failure.ts';
import type { Continued, Run } from './run/run.ts';
import type { SavedVerifier } from './verify/verifier.ts';

/** What holds until the target is made ready. */
export const UNCHANGED = 'Nothing was changed on source or target.';
const NONE = { source: 0, target: 0 };

/** A target that something else has kept in step. */
export interface Joined {
  /** Where that says it stands; null when nothing says so. */
  position: Position | null;
  /** Whether it may hold documents of others. */
  shared: boolean;
}

/** What a migration hands to the run that goes on with it. */
export type ContinuedMigration = Continued<Standing>;

type Part =
  | 'method'
  | 'prepare'
  | 'join'
  | 'tidy'
  | 'copy'
  | 'indexes'
  | 'rounds'
  | 'comparison'
  | Exclude<SavedHandOver['at'], 'comparison'>;

/** Where a migration stands that was planned. */
export type Begun = Pick<Standing, 'at' | 'resumes'> & Partial<Standing>;

/** Where the runbook stands. */
interface Standing extends Omit<SavedHandOver, 'at'> {
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
  chosen?: ChosenFreeze;
  /** Where nothing is copied. */
  joins?: Joined;
}

function isHandedOver(at: Part): at is Exclude<SavedHandOver['at'], 'comparison'> {
  return at === 'decision' || at === 'freeze' || at === 'observation';
}

/** The runbook. */
export class Migration {
  readonly #input: MigrateDatabaseConfig;
  readonly #run: Run<CutoverState>;
  readonly #state: CutoverState;
  readonly #method: CopyMethod;
  readonly #copy: DatabaseCopy;
  readonly #handOver: HandOver;
  readonly #chosen: Standing['chosen'];
  readonly #joins: Standing['joins'];
  readonly #resumes: boolean;
  #at: Part;
  #mustCopy: boolean;
  #broken: Standing['broken'];

  constructor(run: Run<CutoverState>, input: PlannedConfig, standing: Begun) {
    this.#run = run;
    this.#state = run.state;
    this.#input = input;
    this.#at = standing.at;
    this.#chosen = standing.chosen;
    this.#joins = standing.joins;
    this.#resumes = standing.resumes;
    this.#mustCopy = standing.mustCopy ?? false;
    this.#broken = standing.broken ?? null;
    this.#method = chooseMethod(run, input, standing.method);
    this.#copy = new DatabaseCopy(run, input, standing.verifier);
    const copied = { verifier: this.#copy.verifier, compare: () => this.#catchUpAndVerify() };
    const at = isHandedOver(this.#at) ? this.#at : 'comparison';
    this.#handOver = new HandOver(run, input, copied, { ...standing, at });
    if (isHandedOver(this.#at)) this.#at = 'rounds';
    run.control.alsoPause = () => this.#method.pause();
  }

  /** Until the target serves, and the way back is closed. */
  async toTheCutover(argument: unknown): Promise<Omit<MigrationResult, keyof RunResult>> {
    await this.#fill(argument);
    await this.#handOver.toItsEnd();
    const { mismatches, documents, shards, downtimeSeconds } = this.#state.report();
    return {
      mismatches: mismatches ?? 0,
      documents: documents ?? NONE,
      shards,
      downtimeSeconds: downtimeSeconds ?? 0,
    };
  }

  /** Until the source serves again. @throws ApplicationFailure when a cutover would have failed */
  async toARehearsal(argument: unknown, within: string): Promise<Omit<RehearsalResult, keyof RunResult>> {
    await this.#fill(argument);
    const { outageSeconds, failure } = await this.#handOver.toARehearsal(within);
    if (failure !== null)
      throw ApplicationFailure.nonRetryable(
        `The cutover would have failed: ${failure}`,
        failures.rehearsalFailed,
      );
    return { outageSeconds: outageSeconds ?? 0, documents: this.#state.report().documents ?? NONE };
  }

  /** Until the target holds what the source held in some moment. */
  async #fill(argument: unknown): Promise<void> {
    this.#run.mayContinue(argument, () => this.#standing());
    if (this.#at === 'method') await this.#planMethod();
    if (this.#at === 'prepare') await this.#prepare();
    if (this.#at === 'join') await this.#join();
    if (this.#at === 'tidy') await this.#tidyEarlierRun();
    if (this.#at === 'copy') await this.#copyAll();
    if (this.#at === 'indexes') await this.#copyIndexes();
  }

  #standing(): Standing {
    const { at, ...handOver } = this.#handOver.save();
    return {
      ...handOver,
      at: at === 'comparison' ? this.#at : at,
      resumes: this.#resumes,
      mustCopy: this.#mustCopy,
      broken: this.#broken,
      method: this.#method.standing,
      verifier: this.#copy.verifier.save(),
      ...(this.#chosen && { chosen: this.#chosen }),
      ...(this.#joins && { joins: this.#joins }),
    };
  }

  async #planMethod(): Promise<void> {
    this.#run.planned(await this.#method.plan());
    this.#at = 'prepare';
  }

  async #prepare(): Promise<void> {
    this.#run.leaves = this.#unfinished();
    let now: Position;
    try {
      const mustBeEmpty = !this.#joins && !this.#resumes && !this.#input.target.allowExistingData;
      now = await this.#copy.prepare({ mustBeEmpty });
    } catch (error) {
      // the target belongs to another run
      const type = failureType(error);
      if (type === failures.targetBusy || type === failures.targetNotEmpty) this.#run.leaves = UNCHANGED;
      throw error;
    }
    const { position } = this.#joins ?? {};
    this.#state.reached(position?.databaseId === now.databaseId ? position : now);
    this.#at = this.#joins ? 'join' : 'copy';
    if (!this.#resumes) return;
    this.#state.note('This run goes on with what an earlier run of this workflow has left on the target.');
    this.#at = 'tidy';
  }

  /** Nothing has kept the tombstones until now: what was deleted meanwhile is found by comparing. */
  async #join(): Promise<void> {
    this.#copy.verifier.deletionsLost();
    if (this.#joins?.position) {
      await this.#resyncing(() => this.#copy.catchUp({ deletionsLost: true }));
      await this.#copy.deleteSurplus({ anew: false });
    } else
      this.#state.note('Nothing says how far the target was brought: the comparison tells what is missing.');
    this.#at = 'indexes';
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
    this.#at = 'rounds';
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
    const copies = this.#joins === undefined;
    if (this.#at === 'comparison') this.#at = 'rounds';
    this.#state.enter(copies ? 'copying' : 'catching-up');
    await this.#run.step(() => quick.holdTombstones(source));
    this.#mustCopy ||= isAnother && copies;
    if (isAnother) this.#method.startOver();
    if (this.#mustCopy || isAnother)
      this.#state.reached(await this.#run.step(() => bulk.readPosition(source)));
    this.#copy.verifier.deletionsLost();
    await this.#copy.deleteSurplus({ anew: this.#mustCopy });
    this.#broken = null;
  }

  #unfinished(): string {
    const { source, target, method } = this.#input;
    if (this.#joins)
      return `The source "${source.database}" serves as before, and nothing keeps "${target.database}" in step any more.`;
    return (
      `The source "${source.database}" serves as before. The target "${target.database}" is an unfinished copy: ` +
      `delete it, or migrate into it again with target.allowExistingData` +
      `${method === 'replication' ? ' and method "stream"' : ''}.`
    );
  }
}
