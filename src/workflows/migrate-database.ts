import { ApplicationFailure, CancellationScope, condition, isCancellation } from '@temporalio/workflow';
import { describeVerification } from '../core/compare/verification.ts';
import {
  type MigrateDatabaseConfig,
  type Parsed,
  parseMigrateDatabase,
  type WorkflowType,
} from '../core/contract/contract.ts';
import { durationMs } from '../core/contract/duration.ts';
import { failures } from '../core/contract/failures.ts';
import type { MigrationResult, RunResult } from '../core/run/results.ts';
import { chooseMethod } from './copy/choose-method.ts';
import type { CopyMethod } from './copy/copy-method.ts';
import { bulk, closing, planning, quick } from './run/activity-proxies.ts';
import { Ended } from './run/control.ts';
import { CutoverState } from './run/cutover-state.ts';
import { failureType, isDeltaBroken, rootCause } from './run/failure.ts';
import { Run, valid } from './run/run.ts';
import { tuning } from './run/tuning.ts';
import { Verifier } from './verify/verifier.ts';

/**
 * Moves a database into a sharded one: copies it, keeps the copy in step while it waits for an approval, and
 * hands over once every document was compared on a source that stands still. The argument is one
 * `MigrateDatabaseInput`.
 */
export async function migrateDatabase(argument: unknown): Promise<MigrationResult> {
  return await migrate('migrateDatabase', parseMigrateDatabase(argument));
}

/** The run of every workflow type that is a migration. */
export async function migrate(
  workflowType: WorkflowType,
  input: Parsed<MigrateDatabaseConfig>,
): Promise<MigrationResult> {
  const config = valid(input);
  const { source, method, maxItemsPerSecond } = config;
  const target = { connection: config.target.connection, database: config.target.database };
  const run = new Run(
    new CutoverState({
      workflowType,
      title: `Migration from ${source.connection}/${source.database} to ${target.connection}/${target.database} (${method})`,
      input: config,
      source,
      target,
      method,
      maxItemsPerSecond,
      position: null,
      lag: null,
      verification: null,
    }),
  );
  run.control.listenForDecisions(run.state);
  return await run.toTheEnd(() => new Migration(run, config).run());
}

class Migration {
  readonly #input: MigrateDatabaseConfig;
  readonly #run: Run<CutoverState>;
  readonly #state: CutoverState;
  readonly #method: CopyMethod;
  readonly #verifier: Verifier;
  /** Whether nothing that is on the target counts, since the source is another storage now. */
  #mustCopy = false;

  constructor(run: Run<CutoverState>, input: MigrateDatabaseConfig) {
    this.#run = run;
    this.#state = run.state;
    this.#input = input;
    this.#method = chooseMethod(run, input);
    this.#verifier = new Verifier(run, input);
    run.control.alsoPause = () => this.#method.pause();
  }

  async run(): Promise<Omit<MigrationResult, keyof RunResult>> {
    await this.#plan();
    await this.#prepare();
    await this.#copy();
    do await this.#catchUpAndVerify();
    while (!((await this.#approved()) && (await this.#cutOver())));
    return this.#result();
  }

  async #plan(): Promise<void> {
    this.#run.leaves = 'Nothing was changed on source or target.';
    const { checks, notCarried } = await this.#run.step(() => planning.plan(this.#input));
    this.#run.planned(checks, notCarried);
    this.#run.planned(await this.#method.plan());
  }

  async #prepare(): Promise<void> {
    const { source } = this.#input;
    this.#state.enter('preparing');
    this.#run.leaves = this.#unfinishedCopy();
    await this.#run.step(() => quick.prepareTarget(this.#input));
    await this.#claim();
    this.#run.atEnd('The index that keeps the tombstones is still on the source', () =>
      closing.releaseTombstones(source),
    );
    await this.#run.step(() => quick.holdTombstones(source));
    // before the copy reads anything: what changes from here on comes with the first round
    this.#state.reached(await this.#run.step(() => quick.readPosition(source)));
  }

  /** Two migrations may have found the same target empty. */
  async #claim(): Promise<void> {
    this.#run.atEnd('The target is still claimed by this run', () => closing.releaseTarget(this.#input));
    try {
      await this.#run.step(() => quick.claimTarget(this.#input));
    } catch (error) {
      // it belongs to another run
      if (failureType(error) === failures.targetBusy)
        this.#run.leaves = 'Nothing was changed on source or target.';
      throw error;
    }
  }

  async #copy(): Promise<void> {
    this.#state.enter('copying');
    await this.#inLine(() => this.#copyItems());
    this.#state.leftOut(await this.#run.step(() => bulk.copyIndexes(this.#input)));
  }

  async #copyItems(): Promise<void> {
    await this.#method.copy();
    this.#mustCopy = false;
  }

  async #catchUpAndVerify(): Promise<void> {
    await this.#inLine(async () => {
      if (this.#mustCopy) await this.#copyItems();
      this.#state.enter('catching-up');
      const round = () => bulk.catchUp({ ...this.#input, from: this.#state.position(), until: 'close' });
      this.#state.reached(await this.#run.step(round));
      this.#state.enter('verifying');
      await this.#verifier.verify();
    });
  }

  /** Does work that relies on deltas, again when these could not be trusted and the target was brought in line. */
  async #inLine(work: () => Promise<void>): Promise<void> {
    for (;;) {
      try {
        return await work();
      } catch (error) {
        if (!isDeltaBroken(error)) throw error;
        await this.#realign(error);
      }
    }
  }

  /** Another node counts its etags by itself: all is copied again. Lost tombstones leave the etags valid. */
  async #realign(error: unknown): Promise<void> {
    const { source } = this.#input;
    this.#state.note(`${rootCause(error)} The target is brought in line with what the source holds now.`);
    this.#state.enter('copying');
    await this.#run.step(() => quick.holdTombstones(source));
    this.#mustCopy ||= failureType(error) === failures.sourceChanged;
    if (this.#mustCopy) this.#state.reached(await this.#run.step(() => quick.readPosition(source)));
    const transfer = { ...this.#input, from: this.#state.position() };
    const anew = this.#mustCopy;
    this.#verifier.deletionsLost();
    this.#state.note(await this.#run.step(() => bulk.deleteSurplusDocuments({ ...transfer, anew })));
  }

  /** Keeps the target in step until somebody decides; false when it is time to verify again first. */
  async #approved(): Promise<boolean> {
    this.#state.enter('awaiting-approval');
    for (;;) {
      await this.#run.control.untilNotPaused();
      const { rejection } = this.#state;
      if (rejection) throw new Ended('rejected', failures.rejected, 'The cutover was rejected', rejection);
      if (this.#state.progress.approval) return true;
      if (this.#state.repairAsked) {
        await this.#repair();
        return false;
      }
      const failed = this.#state.failedVerifications;
      const wait = Math.min(tuning.maxVerifyAgainMs, tuning.verifyAgainMs * 2 ** (failed - 1));
      try {
        await this.#followUntilAsked(failed > 0 ? wait : undefined);
      } catch (error) {
        // the way to the next verification brings the target in line
        if (isDeltaBroken(error)) return false;
        throw error;
      }
      const { approval } = this.#state.progress;
      const decided = approval ?? this.#state.rejection ?? this.#state.repairAsked;
      if (failed > 0 && !decided) return false;
    }
  }

  /** Whoever asked has seen what the last verification found. */
  async #repair(): Promise<void> {
    const { source, target } = this.#input;
    const items = this.#state.progress.verification?.differences ?? [];
    this.#state.repaired(await this.#run.step(() => bulk.repairItems({ source, target, items })));
  }

  /** Carries changes over until a decision, a pause, an abort, or the end of the time. */
  async #followUntilAsked(timeoutMs: number | undefined): Promise<void> {
    const { progress } = this.#state;
    const asked = () =>
      progress.approval !== null ||
      this.#state.rejection !== null ||
      this.#state.repairAsked !== null ||
      progress.paused ||
      this.#run.control.aborting;
    const scope = new CancellationScope();
    const following = scope.run(() =>
      bulk.catchUp({ ...this.#input, from: this.#state.position(), until: 'canceled' }),
    );
    try {
      const decision = timeoutMs === undefined ? condition(asked) : condition(asked, timeoutMs);
      await Promise.race([decision, following]);
    } finally {
      scope.cancel();
      // it hands back where it stands; one that never began leaves the position as it was
      await following.then(
        (position) => this.#state.reached(position),
        () => undefined,
      );
    }
  }

  /** From the freeze to the last comparison. False when the freeze had to be undone. */
  async #cutOver(): Promise<boolean> {
    if (this.#verifier.isOutdated) {
      await this.#catchUpAndVerify();
      if (this.#state.failedVerifications > 0) {
        this.#state.withdrawApproval();
        return false;
      }
    }
    const budget = this.#input.downtimeBudget;
    try {
      await this.#run.control.boundedStep(durationMs(budget), () => this.#freezeDrainVerify());
      return true;
    } catch (error) {
      if (error instanceof Ended || CancellationScope.current().consideredCancelled) throw error;
      const overBudget = `the downtime budget of ${budget} was over while ${this.#state.progress.phase}.`;
      this.#state.thawed(isCancellation(error) ? overBudget : rootCause(error));
      return false;
    }
  }

  async #freezeDrainVerify(): Promise<void> {
    const { source, quietFor, quietWithin } = this.#input;
    this.#state.enter('freezing');
    const frozen = await bulk.proveQuiet({ source, quietFor, quietWithin });
    this.#state.enter('draining');
    this.#state.reached(await bulk.catchUp({ ...this.#input, from: this.#state.position(), until: 'equal' }));
    this.#state.enter('final-verifying');
    const verification = await this.#verifier.verifyFinally();
    if (verification.mismatches + verification.lagging > 0 || !verification.itemsCompared) {
      const found = describeVerification(verification);
      throw ApplicationFailure.nonRetryable(
        `The final verification found ${found}.`,
        failures.verificationFailed,
      );
    }
    this.#state.settled({ settings: await bulk.copySettings(this.#input) });
    await quick.assertSourceUnchanged({ source, position: frozen });
  }

  #result(): Omit<MigrationResult, keyof RunResult> {
    this.#state.enter('completing');
    const { mismatches, documents, shards, downtimeSeconds } = this.#state.report();
    return {
      mismatches: mismatches ?? 0,
      documents: documents ?? { source: 0, target: 0 },
      shards,
      downtimeSeconds: downtimeSeconds ?? 0,
    };
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
