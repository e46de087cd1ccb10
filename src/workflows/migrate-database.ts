import { ApplicationFailure, CancellationScope, condition, isCancellation } from '@temporalio/workflow';
import { describeVerification } from '../core/compare/verification.ts';
import {
  type MigrateDatabaseConfig,
  type Parsed,
  parseDecision,
  parseMigrateDatabase,
  requests,
} from '../core/contract/contract.ts';
import { durationMs } from '../core/contract/duration.ts';
import { failures } from '../core/contract/failures.ts';
import { isFrozen } from '../core/contract/phases.ts';
import { refusalOf } from '../core/run/refusals.ts';
import type { MigrationResult } from '../core/run/report.ts';
import { carrierOf } from './copy/choose-method.ts';
import type { Carrier } from './copy/copy-method.ts';
import { bulk, closing, planning, quick } from './run/activity-proxies.ts';
import { Aborted, Control } from './run/control.ts';
import { assertPossible, endOf, type FailedEnd, giveUp, signed, valid } from './run/ending.ts';
import { failureType, isDeltaBroken, rootCause } from './run/failure.ts';
import { MigrationState } from './run/migration-state.ts';
import { Verifier } from './verify/verifier.ts';

/** How long after a failed verification it is looked again whether somebody mended the target; doubles each time. */
const VERIFY_AGAIN_AFTER_MS = 5 * 60_000;
/** A week of failed verifications must not fill the history. */
const VERIFY_AGAIN_AFTER_AT_MOST_MS = 6 * 60 * 60_000;

/** Thrown into the runbook when the approver says no. */
class Rejected extends Error {}

/**
 * Moves a database into a sharded one: copies it, keeps the copy in step while it waits for an approval, and
 * hands over once every document was compared on a source that stands still. The argument is one
 * `MigrateDatabaseInput`.
 */
export async function migrateDatabase(argument: unknown): Promise<MigrationResult> {
  return await runMigration(parseMigrateDatabase(argument));
}

/** The run of every workflow type that is a migration. */
export async function runMigration(input: Parsed<MigrateDatabaseConfig>): Promise<MigrationResult> {
  return await new Migration(valid(input)).run();
}

class Migration {
  readonly #input: MigrateDatabaseConfig;
  readonly #state: MigrationState;
  readonly #control: Control;
  readonly #carrier: Carrier;
  readonly #verifier: Verifier;
  #holdsTombstones = false;
  #mayHoldTarget = false;
  #mayHaveTarget = false;
  /** Whether nothing that is on the target counts, since the source is another storage now. */
  #mustCopy = false;

  constructor(input: MigrateDatabaseConfig) {
    this.#input = input;
    const state = new MigrationState(input);
    this.#state = state;
    this.#control = new Control(state, (request) => refusalOf(request, state.progress));
    this.#carrier = carrierOf(this.#control, state, input);
    this.#verifier = new Verifier(state, input);
    this.#control.alsoPause = () => this.#carrier.pause();
    this.#control.listen(requests.approve, parseDecision, 'Approve the cutover: {"by","note"}', (decision) =>
      state.approve(decision),
    );
    this.#control.listen(
      requests.reject,
      parseDecision,
      'Reject the cutover and end: {"by","note"}',
      (decision) => state.reject(decision),
    );
    this.#control.listen(
      requests.repair,
      parseDecision,
      'Copy what differs once more, and compare again: {"by","note"}',
      (decision) => state.askRepair(decision),
    );
  }

  async run(): Promise<MigrationResult> {
    try {
      await this.#plan();
      await this.#prepare();
      await this.#copy();
      do await this.#catchUpAndVerify();
      while (!((await this.#approved()) && (await this.#cutOver())));
      return await CancellationScope.nonCancellable(() => this.#complete());
    } catch (error) {
      return await CancellationScope.nonCancellable(() => this.#giveUp(error));
    }
  }

  async #plan(): Promise<void> {
    const { checks, notCarried } = await this.#control.step(() => planning.plan(this.#input));
    this.#state.planned(checks, notCarried);
    assertPossible(checks);
    const more = await this.#carrier.plan();
    this.#state.planned(more, []);
    assertPossible(more);
  }

  async #prepare(): Promise<void> {
    const { source } = this.#input;
    this.#state.enter('preparing');
    // each mark is set before its call: the call may take effect and its answer be lost
    this.#mayHaveTarget = true;
    await this.#control.step(() => quick.prepareTarget(this.#input));
    await this.#claim();
    this.#holdsTombstones = true;
    await this.#control.step(() => quick.holdTombstones(source));
    // before the copy reads anything: what changes from here on comes with the first round
    this.#state.reached(await this.#control.step(() => quick.readPosition(source)));
  }

  /** Two migrations may have found the same target empty. */
  async #claim(): Promise<void> {
    this.#mayHoldTarget = true;
    try {
      await this.#control.step(() => quick.claimTarget(this.#input));
    } catch (error) {
      // it is another's, and nothing on it is ours
      if (failureType(error) === failures.targetBusy) this.#mayHaveTarget = false;
      throw error;
    }
  }

  async #copy(): Promise<void> {
    this.#state.enter('copying');
    await this.#inLine(() => this.#copyItems());
    this.#state.leftOut(await this.#control.step(() => bulk.copyIndexes(this.#input)));
  }

  async #copyItems(): Promise<void> {
    await this.#carrier.copy();
    this.#mustCopy = false;
  }

  async #catchUpAndVerify(): Promise<void> {
    await this.#inLine(async () => {
      if (this.#mustCopy) await this.#copyItems();
      this.#state.enter('catching-up');
      const round = () => bulk.catchUp({ ...this.#input, from: this.#state.position(), until: 'close' });
      this.#state.reached(await this.#control.step(round));
      this.#state.enter('verifying');
      await this.#verifier.verify((work) => this.#control.step(work));
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
    await this.#control.step(() => quick.holdTombstones(source));
    this.#mustCopy ||= failureType(error) === failures.sourceChanged;
    if (this.#mustCopy) this.#state.reached(await this.#control.step(() => quick.readPosition(source)));
    const transfer = { ...this.#input, from: this.#state.position() };
    const anew = this.#mustCopy;
    this.#verifier.deletionsLost();
    this.#state.note(await this.#control.step(() => bulk.deleteSurplusDocuments({ ...transfer, anew })));
  }

  /** Keeps the target in step until somebody decides; false when it is time to verify again first. */
  async #approved(): Promise<boolean> {
    this.#state.enter('awaiting-approval');
    for (;;) {
      await this.#control.untilNotPaused();
      if (this.#state.rejection) throw new Rejected();
      if (this.#state.progress.approval) return true;
      if (this.#state.repairAsked) {
        await this.#repair();
        return false;
      }
      const failed = this.#state.failedVerifications;
      const wait = Math.min(VERIFY_AGAIN_AFTER_AT_MOST_MS, VERIFY_AGAIN_AFTER_MS * 2 ** (failed - 1));
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
    this.#state.repaired(await this.#control.step(() => bulk.repairItems({ source, target, items })));
  }

  /** Carries changes over until a decision, a pause, an abort, or the end of the time. */
  async #followUntilAsked(timeoutMs: number | undefined): Promise<void> {
    const { progress } = this.#state;
    const asked = () =>
      progress.approval !== null ||
      this.#state.rejection !== null ||
      this.#state.repairAsked !== null ||
      progress.paused ||
      this.#control.aborting;
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
      await this.#control.boundedStep(durationMs(budget), () => this.#freezeDrainVerify());
      return true;
    } catch (error) {
      if (error instanceof Aborted || CancellationScope.current().consideredCancelled) throw error;
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
    this.#state.settled(await bulk.copySettings(this.#input));
    await quick.assertSourceUnchanged({ source, position: frozen });
  }

  async #complete(): Promise<MigrationResult> {
    this.#state.enter('completing');
    await this.#tidyUp();
    this.#state.enter('completed');
    const report = this.#state.report();
    return {
      phase: 'completed',
      workflowId: report.workflowId,
      mismatches: report.mismatches ?? 0,
      documents: report.documents ?? { source: 0, target: 0 },
      shards: report.shards,
      downtimeSeconds: report.downtimeSeconds ?? 0,
      reportPath: await closing.writeReport(report),
    };
  }

  /** Leaves the source as it was, says what is on the target, and ends. */
  async #giveUp(error: unknown): Promise<never> {
    const end = this.#endOf(error);
    if (isFrozen(this.#state.progress.phase)) this.#state.thawed(end.reason);
    return await giveUp(this.#state, error, end, async () => {
      await this.#tidyUp();
      return this.#whatIsLeft();
    });
  }

  #endOf(error: unknown): FailedEnd {
    const { rejection } = this.#state;
    if (!(error instanceof Rejected && rejection)) return endOf(this.#control, error, 'migration');
    const reason = signed('The cutover was rejected', rejection);
    return { phase: 'rejected', type: failures.rejected, reason };
  }

  #whatIsLeft(): string {
    const { source, target, method } = this.#input;
    if (!this.#mayHaveTarget) return 'Nothing was changed on source or target.';
    return (
      `The source "${source.database}" serves as before. The target "${target.database}" is an unfinished copy: ` +
      `delete it, or migrate into it again with target.allowExistingData` +
      `${method === 'replication' ? ' and method "stream"' : ''}.`
    );
  }

  /** Leaves nothing of ours on the source and on workers. */
  async #tidyUp(): Promise<void> {
    if (this.#holdsTombstones) {
      try {
        await closing.releaseTombstones(this.#input.source);
      } catch (error) {
        this.#state.note(`What keeps the tombstones is still on the source: ${rootCause(error)}`);
      }
    }
    await this.#carrier.tidyUp();
    if (!this.#mayHoldTarget) return;
    try {
      await closing.releaseTarget(this.#input);
    } catch (error) {
      this.#state.note(`The target still bears the mark of this run: ${rootCause(error)}`);
    }
  }
}
