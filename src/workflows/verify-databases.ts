import { condition, workflowInfo } from '@temporalio/workflow';
import type { Sample } from '../core/compare/sampling.ts';
import { type TrendPoint, trendAfter } from '../core/compare/trend.ts';
import type { Depth, Difference, Repair, SideBySide, Verification } from '../core/compare/verification.ts';
import { parseDecision, requests } from '../core/contract/contract.ts';
import { type JobPhase, verifyPhases } from '../core/contract/phases.ts';
import { parseVerifyDatabases, type VerifyDatabasesConfig } from '../core/contract/verify-contract.ts';
import { bulk, planning } from './run/activity-proxies.ts';
import { assertPossible, valid } from './run/ending.ts';
import { type Job, type JobResult, runJob } from './run/job.ts';
import { Comparison } from './verify/comparison.ts';

/** What `verifyDatabases` returns. */
export type VerifyResult = JobResult & {
  /** Whether nothing differs; what was only behind is no difference. */
  equal: boolean;
  depth: Depth;
  mismatches: number;
  /** The first of them. */
  differences: Difference[];
  documents: SideBySide;
  /** Numbers of other kinds. */
  counts: Record<string, SideBySide>;
  /** Documents of each shard of the target. */
  shards: Record<string, number>;
  /** What was written to while it was looked at, and so is neither equal nor different. */
  lagging: number;
  sample?: Sample;
  repairs?: readonly Repair[];
  /** Under a schedule the last runs, this one included. */
  trend: TrendPoint[];
};

/**
 * Compares two databases, sharded or not: by the content of every item, of a sample, or by numbers. Differences are a
 * result, not a failure. The argument is one `VerifyDatabasesInput`. Safe to run under a schedule: nothing is written.
 */
export async function verifyDatabases(argument: unknown): Promise<VerifyResult> {
  const input = valid(parseVerifyDatabases(argument));
  const { source, target, depth, maxItemsPerSecond } = input;
  const title = `Comparison of ${source.connection}/${source.database} and ${target.connection}/${target.database} (${depth})`;
  return await runJob(
    input,
    { title, steps: stepsOf(input), maxItemsPerSecond },
    (job) => new Run(input, job).run(),
    async () => '',
  );
}

function stepsOf({ depth, repair }: VerifyDatabasesConfig): JobPhase[] {
  const left: Partial<Record<JobPhase, boolean>> = {
    reading: depth !== 'full',
    'awaiting-repair': repair === 'no',
  };
  return verifyPhases.filter((phase) => !left[phase]);
}

class Run {
  readonly #input: VerifyDatabasesConfig;
  readonly #job: Job;

  constructor(input: VerifyDatabasesConfig, job: Job) {
    this.#input = input;
    this.#job = job;
    job.control.listen(
      requests.repair,
      parseDecision,
      'Copy what differs once more, and compare again: {"by","note"}',
      (decision) => job.state.askRepair(decision),
    );
  }

  async run(): Promise<Omit<VerifyResult, keyof JobResult>> {
    const { state, control } = this.#job;
    const checks = await control.step(() => planning.planVerification(this.#input));
    state.planned(checks);
    assertPossible(checks);
    let verification = await this.#compare();
    while (verification.mismatches > 0 && this.#input.repair === 'ask') {
      await this.#repair(verification);
      verification = await this.#compare();
    }
    const trend = trendAfter(workflowInfo().lastResult, verification);
    state.follows(trend);
    const { depth, mismatches, differences, documents, counts, shards, lagging, sample } = verification;
    const { repairs } = state;
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
  }

  async #compare(): Promise<Verification> {
    const { state } = this.#job;
    const verification = await this.#verification();
    state.verified(verification);
    return verification;
  }

  async #verification(): Promise<Verification> {
    const { state, control } = this.#job;
    const { source, target, allowExtra, sampleSize, depth } = this.#input;
    const sides = { source, target, allowExtra };
    if (depth !== 'full') {
      state.enter('comparing');
      return await control.step(() =>
        depth === 'sample' ? bulk.sampleDatabases({ ...sides, sampleSize }) : bulk.countDatabases(sides),
      );
    }
    state.enter('reading');
    const comparison = new Comparison(state, sides);
    const read = await control.step(() => comparison.read());
    state.enter('comparing');
    const laggards = state.progress.verification?.laggards;
    return await control.step(() => bulk.compareDatabases({ ...sides, ...read, laggards }));
  }

  /** Waits until somebody has seen what differs and asks for it, however long. */
  async #repair({ differences }: Verification): Promise<void> {
    const { state, control } = this.#job;
    const { source, target } = this.#input;
    state.enter('awaiting-repair');
    await control.step(() => condition(() => state.repairAsked !== null));
    state.repaired(await control.step(() => bulk.repairItems({ source, target, items: differences })));
  }
}
