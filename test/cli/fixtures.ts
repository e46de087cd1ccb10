/** A migration as the worker tells of it, for tests of what is shown. */

import type { Watched } from '../../src/cli/run/follow.ts';
import { TypedCommands } from '../../src/cli/run/typed-commands.ts';
import type { Palette } from '../../src/cli/terminal/palette.ts';
import type { Verification } from '../../src/core/compare/verification.ts';
import { phasesOf } from '../../src/core/contract/phases.ts';
import type { RunProgress } from '../../src/core/run/progress.ts';
import type { RunReport } from '../../src/core/run/report.ts';

const as = (text: string) => text;

/** No emphasis at all. */
export const plain: Palette = { bold: as, dim: as, green: as, yellow: as, red: as, cyan: as };

export const SINCE = '2026-05-04T10:00:00.000Z';
export const NOW = Date.parse(SINCE) + 12_000;

export function verification(fields: Partial<Verification> = {}): Verification {
  return {
    at: SINCE,
    depth: 'full',
    mismatches: 0,
    differences: [],
    lagging: 0,
    laggards: [],
    documents: { source: 1059, target: 1059 },
    counts: { revisions: { source: 5475, target: 5475 }, counters: { source: 9, target: 8 } },
    itemsCompared: true,
    shards: { '0': 354, '1': 370, '2': 335 },
    ...fields,
  };
}

/** A comparison that found ten equal documents, and nothing else to compare. */
export function ofTen(fields: Partial<Verification> = {}): Verification {
  const documents = { source: 10, target: 10 };
  return verification({ at: '2026-11-30T10:00:00.000Z', documents, counts: {}, shards: {}, ...fields });
}

export function damaged(): Verification {
  const differences: Verification['differences'] = [{ kind: 'document', id: 'users/3', what: 'differs' }];
  return verification({ mismatches: 1, differences });
}

export function progress(fields: Partial<RunProgress> = {}): RunProgress {
  return {
    workflowId: 'migrate-Shop-to-ShopSharded',
    workflowType: 'migrateDatabase',
    title: 'Migration from prod/Shop to prod/ShopSharded (stream)',
    phases: phasesOf.migrateDatabase,
    findings: [],
    phase: 'copying',
    since: SINCE,
    paused: false,
    source: { connection: 'prod', database: 'Shop' },
    target: { connection: 'prod', database: 'ShopSharded' },
    method: 'stream',
    transferred: null,
    maxItemsPerSecond: null,
    position: null,
    lag: null,
    verification: null,
    approval: null,
    waitingFor: null,
    attention: null,
    lastRefusal: null,
    ...fields,
  };
}

export function watched(fields: Partial<RunProgress> = {}, rest: Partial<Watched> = {}): Watched {
  return {
    workflowId: 'migrate-Shop-to-ShopSharded',
    taskQueue: 'shardlift',
    progress: progress(fields),
    timings: [
      { phase: 'planning', startedAt: SINCE, seconds: 0.2 },
      { phase: 'preparing', startedAt: SINCE, seconds: 1.1 },
      { phase: 'copying', startedAt: SINCE, seconds: 0 },
    ],
    trouble: undefined,
    silence: undefined,
    ...rest,
  };
}

export const commands = new TypedCommands(undefined, 'shardlift');

export function setting(width = 80) {
  return { width, now: NOW, palette: plain, commands, approves: false };
}

export function report(fields: Partial<RunReport> = {}): RunReport {
  return {
    workflowId: 'migrate-Shop-to-ShopSharded',
    runId: 'run',
    workflowType: 'migrateDatabase',
    title: 'Migration from prod/Shop to prod/ShopSharded (stream)',
    findings: [],
    attention: null,
    phase: 'completed',
    startedAt: SINCE,
    endedAt: SINCE,
    input: {
      source: { connection: 'prod', database: 'Shop' },
      target: {
        connection: 'prod',
        database: 'ShopSharded',
        shards: 3,
        replicationFactor: 1,
        allowExistingData: false,
      },
      method: 'stream',
      hostGoneAfter: '5m',
      onHostGone: 'exportAgain',
      resumeEarlierRun: false,
      finalVerification: 'auto',
      backup: null,
      encryptionKey: null,
      maxItemsPerSecond: null,
      quietFor: '5s',
      quietWithin: '1m',
      downtimeBudget: '10m',
    },
    documents: { source: 1059, target: 1059 },
    repairs: [],
    counts: verification().counts,
    shards: verification().shards,
    mismatches: 0,
    differences: [],
    verifications: [],
    approval: { by: 'ann', note: 'application stopped', at: SINCE },
    rejection: null,
    downtimeSeconds: 2.5,
    timings: [
      { phase: 'copying', startedAt: SINCE, seconds: 185 },
      { phase: 'awaiting-approval', startedAt: SINCE, seconds: 4 },
      { phase: 'awaiting-approval', startedAt: SINCE, seconds: 6 },
    ],
    checks: [],
    notCarried: ['Settings: set them on the target by hand'],
    notes: [],
    position: null,
    failure: null,
    ...fields,
  };
}
