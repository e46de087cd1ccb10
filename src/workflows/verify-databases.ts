import { condition, workflowInfo } from '@temporalio/workflow';
import { trendAfter } from '../core/compare/trend.ts';
import type { Verification } from '../core/compare/verification.ts';
import { phasesOf, type WorkingPhase } from '../core/contract/phases.ts';
import { parseVerifyDatabases, type VerifyDatabasesConfig } from '../core/contract/verify-contract.ts';
import type { VerifyResult } from '../core/run/results.ts';
import { bulk, planning } from './run/activity-proxies.ts';
import { Run, valid } from './run/run.ts';
import { RunState } from './run/run-state.ts';
import { Comparison } from './verify/comparison.ts';

/**
 * Compares two databases, sharded or not: by the content of every item, of a sample, or by numbers. Differences are a
 * result, not a failure. The argument is one `VerifyDatabasesInput`. Safe to run under a schedule: nothing is written.
 */
export async function verifyDatabases(argument: unknown): Promise<VerifyResult> {
  const input = valid(parseVerifyDatabases(argument));
  const { source, target, depth, repair, maxItemsPerSecond } = input;
  const run = new Run(
    new RunState({
      workflowType: 'verifyDatabases',
      title: `Comparison of ${source.connection}/${source.database} and ${target.connection}/${target.database} (${depth})`,
      phases: phasesFor(input),
      input,
      source,
      target,
      maxItemsPerSecond,
      verification: null,
    }),
  );
  return await run.toTheEnd(async () => {
    run.planned(await run.step(() => planning.planVerification(input)));
    let verification = await compare(run, input);
    while (verification.mismatches > 0 && repair === 'ask') {
      await repairOnRequest(run, input, verification);
      verification = await compare(run, input);
    }
    const trend = trendAfter(workflowInfo().lastResult, verification);
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

function phasesFor({ depth, repair }: VerifyDatabasesConfig): WorkingPhase[] {
  return phasesOf.verifyDatabases.filter(
    (phase) => (phase !== 'reading' || depth === 'full') && (phase !== 'awaiting-repair' || repair === 'ask'),
  );
}

async function compare(run: Run, input: VerifyDatabasesConfig): Promise<Verification> {
  const verification = input.depth === 'full' ? await compareAll(run, input) : await compareSome(run, input);
  run.state.verified(verification);
  return verification;
}

async function compareAll(run: Run, { source, target, allowExtra }: VerifyDatabasesConfig) {
  const { state } = run;
  const sides = { source, target, allowExtra };
  state.enter('reading');
  const comparison = new Comparison(state, sides);
  const read = await run.step(() => comparison.read(), { obeysLimit: true });
  state.enter('comparing');
  const laggards = state.progress.verification?.laggards;
  return await run.step(() => bulk.compareDatabases({ ...sides, ...read, laggards }));
}

async function compareSome(run: Run, { depth, sampleSize, ...rest }: VerifyDatabasesConfig) {
  const { source, target, allowExtra } = rest;
  const sides = { source, target, allowExtra };
  run.state.enter('comparing');
  return await run.step(() =>
    depth === 'sample' ? bulk.sampleDatabases({ ...sides, sampleSize }) : bulk.countDatabases(sides),
  );
}

/** Waits until somebody who has seen the differences asks for a repair, however long that takes. */
async function repairOnRequest(
  run: Run,
  { source, target }: VerifyDatabasesConfig,
  { differences }: Verification,
): Promise<void> {
  const { state } = run;
  state.enter('awaiting-repair');
  await run.step(() => condition(() => state.repairAsked !== null));
  state.repaired(await run.step(() => bulk.repairItems({ source, target, items: differences })));
}
