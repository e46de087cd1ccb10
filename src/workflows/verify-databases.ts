import { condition, workflowInfo } from '@temporalio/workflow';
import type { SidesRead } from '../core/compare/repair.ts';
import { trendAfter } from '../core/compare/trend.ts';
import type { Verification } from '../core/compare/verification.ts';
import { phasesOf, type WorkingPhase } from '../core/contract/phases.ts';
import { parseVerifyDatabases, type VerifyDatabasesConfig } from '../core/contract/verify-contract.ts';
import type { VerifyResult } from '../core/run/results.ts';
import { bulk, planning } from './run/activity-proxies.ts';
import { RepairableState } from './run/repairable-state.ts';
import { type Continued, Run, valid } from './run/run.ts';
import type { Beginning } from './run/saved-state.ts';
import { Comparison, type SavedComparison } from './verify/comparison.ts';
import { foreseeRepair, type Repairable, repairAll } from './verify/repair.ts';

/**
 * Compares two databases, sharded or not: by the content of every item, of a sample, or by numbers. Differences are a
 * result, not a failure. The argument is one `VerifyDatabasesInput`. Safe to run under a schedule: nothing is written.
 */
export async function verifyDatabases(
  argument: unknown,
  continued?: Continued<Standing>,
): Promise<VerifyResult> {
  const input = valid(parseVerifyDatabases(argument));
  const { source, target, depth, repair, maxItemsPerSecond } = input;
  const beginning: Beginning = {
    workflowType: 'verifyDatabases',
    title: `Comparison of ${source.connection}/${source.database} and ${target.connection}/${target.database} (${depth})`,
    phases: phasesFor(input),
    input,
    source,
    target,
    maxItemsPerSecond,
    verification: null,
  };
  const run = new Run(new RepairableState(beginning, continued?.state), continued);
  run.control.listenForRepairs(run.state);
  return await run.toTheEnd(async () => {
    let { previous, isPlanned } = continued?.runbook ?? {
      previous: workflowInfo().lastResult,
      isPlanned: false,
    };
    const databases = new Databases(run, input, continued?.runbook);
    run.mayContinue(argument, (): Standing => ({ previous, isPlanned, ...databases.save() }));
    if (!isPlanned) run.planned(await run.step(() => planning.planVerification(input)));
    isPlanned = true;
    let verification = await databases.compare();
    while (verification.mismatches > 0 && repair === 'ask') {
      await databases.repairOnRequest();
      verification = await databases.compare();
    }
    const trend = trendAfter(previous, verification);
    run.state.follows(trend);
    const { mismatches, differences, documents, counts, shards, lagging, sample } = verification;
    const { repairs } = run.state;
    return {
      equal: mismatches === 0,
      depth,
      mismatches,
      differences,
      documents,
      counts,
      shards,
      lagging,
      ...(sample && { sample }),
      ...(repairs.length > 0 && { repairs }),
      trend,
    };
  });
}

/** Where the runbook stands. */
interface Standing {
  /** What the last run of a schedule gave. */
  previous: unknown;
  isPlanned: boolean;
  /** A comparison that is at work. */
  comparison: SavedComparison | null;
  /** Whether what the last comparison found awaits a repair. */
  isCompared: boolean;
  /** What the last comparison has read, when it found a difference. */
  differing?: SidesRead | null;
}

function phasesFor({ depth, repair }: VerifyDatabasesConfig): WorkingPhase[] {
  return phasesOf.verifyDatabases.filter(
    (phase) => (phase !== 'reading' || depth === 'full') && (phase !== 'awaiting-repair' || repair === 'ask'),
  );
}

/** Two databases, compared and repaired. */
class Databases {
  readonly #run: Run<RepairableState>;
  readonly #input: VerifyDatabasesConfig;
  #comparison: Comparison | undefined;
  #isCompared: boolean;
  #differing: SidesRead | null;

  constructor(run: Run<RepairableState>, input: VerifyDatabasesConfig, standing?: Standing) {
    this.#run = run;
    this.#input = input;
    this.#isCompared = standing?.isCompared ?? false;
    this.#differing = standing?.differing ?? null;
    const { comparison } = standing ?? {};
    if (comparison) this.#comparison = new Comparison(run, input, comparison);
  }

  save(): Omit<Standing, 'previous' | 'isPlanned'> {
    return {
      comparison: this.#comparison?.save() ?? null,
      isCompared: this.#isCompared,
      differing: this.#differing,
    };
  }

  async compare(): Promise<Verification> {
    const { state } = this.#run;
    const found = state.progress.verification;
    if (this.#isCompared && found) return found;
    const verification = await (this.#input.depth === 'full' ? this.#compareAll() : this.#compareSome());
    state.verified(verification);
    this.#isCompared = true;
    return verification;
  }

  async #compareAll(): Promise<Verification> {
    const { state } = this.#run;
    const { source, target, allowExtra } = this.#input;
    const sides = { source, target, allowExtra };
    state.enter('reading');
    const read = await this.#read();
    state.enter('comparing');
    const laggards = state.progress.verification?.laggards;
    const verification = await this.#run.step(() => bulk.compareDatabases({ ...sides, ...read, laggards }));
    this.#comparison = undefined;
    this.#differing = verification.mismatches > 0 && this.#input.repair === 'ask' ? read : null;
    return verification;
  }

  async #read(): Promise<SidesRead> {
    const comparison = this.#comparison ?? new Comparison(this.#run, this.#input);
    this.#comparison = comparison;
    return await this.#run.step(() => comparison.read(), { obeysLimit: true });
  }

  async #compareSome(): Promise<Verification> {
    const { source, target, allowExtra, depth, sampleSize } = this.#input;
    const sides = { source, target, allowExtra };
    this.#run.state.enter('comparing');
    return await this.#run.step(() =>
      depth === 'sample' ? bulk.sampleDatabases({ ...sides, sampleSize }) : bulk.countDatabases(sides),
    );
  }

  /** Waits until somebody who has seen the differences asks for a repair, however long that takes. */
  async repairOnRequest(): Promise<void> {
    const { state } = this.#run;
    state.enter('awaiting-repair');
    for (;;) {
      await this.#run.step(() => condition(() => (state.repairAsked ?? state.dryRunAsked) !== null));
      if (state.repairAsked) break;
      await foreseeRepair(this.#run, this.#repairable);
    }
    await repairAll(this.#run, this.#repairable);
    this.#isCompared = false;
    this.#comparison = undefined;
    this.#differing = null;
  }

  get #repairable(): Repairable {
    const { source, target, allowExtra } = this.#input;
    return { source, target, allowExtra, sides: () => this.#sides() };
  }

  /** What both sides look like; a sample has not read them. */
  async #sides(): Promise<SidesRead> {
    this.#differing ??= await this.#read();
    return this.#differing;
  }
}
