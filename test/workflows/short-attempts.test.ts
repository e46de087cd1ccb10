/** How long an attempt may take: what grows with the data has days, or a large database would begin it anew for ever. */
import { activityInfo } from '@temporalio/activity';
import { expect, test } from 'vitest';
import type { Activities } from '../../src/activities/index.ts';
import type { WorkflowType } from '../../src/core/contract/contract.ts';
import { phasesOf } from '../../src/core/contract/phases.ts';
import { type ActivityName, healthy } from './support/healthy.ts';
import { byMethod, inputOf } from './support/inputs.ts';
import { start } from './support/run.ts';

const DAY_MS = 86_400_000;

/** Questions and small changes. */
const SHORT: readonly ActivityName[] = [
  'claimTarget',
  'createTarget',
  'documentsPerShard',
  'fenceSource',
  'findLeftovers',
  'holdTombstones',
  'pauseReplication',
  'plan',
  'planExport',
  'planImport',
  'planVerification',
  'prepareTarget',
  'readLastSync',
  'recordSync',
  'releaseTarget',
  'releaseTombstones',
  'removeLeftovers',
  'removeReplication',
  'removeSample',
  'startReplication',
  'undoFence',
];

const { dump, backup, replication } = byMethod;
const runs: [string, WorkflowType, unknown][] = [
  ...Object.entries(inputOf).map(([type, input]) => [type, type, input] as [string, WorkflowType, unknown]),
  ...Object.entries({ dump, backup, replication }).map(
    ([method, input]) =>
      [`migrateDatabase by ${method}`, 'migrateDatabase', input] as [string, WorkflowType, unknown],
  ),
];

test.each(runs)('%s gives days to each attempt of what grows with the data', async (_case, type, input) => {
  const short = new Set<string>();
  const seen = Object.entries(healthy).map(([name, run]) => [
    name,
    async (asked: never) => {
      if (activityInfo().startToCloseTimeoutMs < DAY_MS) short.add(name);
      return await (run as (asked: never) => Promise<unknown>)(asked);
    },
  ]);
  const run = await start(type, input, { activities: Object.fromEntries(seen) as Partial<Activities> });
  if ((phasesOf[type] as readonly string[]).includes('awaiting-approval')) {
    await run.reaches('awaiting-approval');
    await run.request('approveCutover');
  }
  await run.reaches('completed');
  expect(SHORT).toEqual(expect.arrayContaining([...short]));
});
