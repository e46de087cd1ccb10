/** Reports as runs leave them: one without anything, one with everything, and one of each workflow type. */
import { type WorkflowType, workflowTypes } from '../../src/core/contract/contract.ts';
import { type Phase, phasesOf } from '../../src/core/contract/phases.ts';
import type { PhaseTiming, RunReport } from '../../src/core/run/report.ts';
import type { Series } from '../../src/core/run/series.ts';

const START = Date.parse('2026-11-30T10:00:00.000Z');
const MINUTE = 60;
const HOUR = 60 * MINUTE;

const iso = (seconds: number) => new Date(START + seconds * 1000).toISOString();

/** What a run has at least. */
export const empty: RunReport = {
  workflowId: 'migrate-Shop',
  runId: 'run-1',
  workflowType: 'migrateDatabase',
  title: 'Migration of prod/Shop to prod/ShopSharded',
  phase: 'completed',
  startedAt: iso(0),
  endedAt: iso(125),
  input: { source: { connection: 'prod', database: 'Shop' }, downtimeBudget: '30s' },
  timings: [],
  checks: [],
  findings: [],
  notCarried: [],
  notes: [],
  attention: null,
  failure: null,
  documents: null,
  counts: {},
  shards: {},
  mismatches: null,
  differences: [],
  verifications: [],
  repairs: [],
};

const at = iso(MINUTE);

/** Phases that follow one another. */
function timings(...phases: [PhaseTiming['phase'], number][]): PhaseTiming[] {
  let begun = 0;
  return phases.map(([phase, seconds]) => {
    const timing = { phase, startedAt: iso(begun), seconds };
    begun += seconds;
    return timing;
  });
}

/** Points at even distances. @param items at which second of the step how many are done */
function work(
  { phase, step }: { phase: Phase; step: number },
  { from, to, points }: { from: number; to: number; points: number },
  items: (second: number) => number,
): Series['work'] {
  return Array.from({ length: points }, (_, point) => {
    const second = ((to - from) * point) / (points - 1);
    return { at: from + second, phase, items: Math.round(items(second)), step };
  });
}

/** A copy of 40 minutes, a comparison, a day of waiting and a short outage. */
const series: Series = {
  work: [
    ...work(
      { phase: 'copying', step: 1 },
      { from: 12, to: 40 * MINUTE, points: 60 },
      (second) => 9_000 * second + 60_000 * Math.sin(second / 90),
    ),
    ...work(
      { phase: 'verifying', step: 2 },
      { from: 43 * MINUTE, to: 55 * MINUTE, points: 30 },
      (second) => 31_000 * second,
    ),
  ],
  lag: [
    { at: 40 * MINUTE, phase: 'catching-up', lag: 48_211 },
    { at: 42 * MINUTE, phase: 'catching-up', lag: 2_950 },
    { at: 43 * MINUTE, phase: 'catching-up', lag: 118 },
    ...Array.from({ length: 40 }, (_, point) => ({
      at: HOUR + point * 20 * MINUTE,
      phase: 'awaiting-approval' as const,
      lag: Math.round(200 + 180 * Math.sin(point)),
    })),
    { at: 15 * HOUR, phase: 'draining', lag: 7 },
  ],
};

/** What a run may have. */
export const full: RunReport = {
  ...empty,
  endedAt: iso(15 * HOUR + MINUTE),
  timings: timings(
    ['planning', 4],
    ['preparing', 8],
    ['copying', 40 * MINUTE - 12],
    ['catching-up', 3 * MINUTE],
    ['verifying', 12 * MINUTE],
    ['awaiting-approval', 14 * HOUR + 5 * MINUTE],
    ['freezing', 2],
    ['draining', 3],
    ['final-verifying', 20],
    ['completing', 10],
  ),
  series,
  checks: [
    { name: 'space', status: 'warning', message: 'little is left' },
    { name: 'source server', status: 'ok', message: 'RavenDB 7.1.5' },
  ],
  findings: ['something was found'],
  notCarried: ['index "A": refused', 'Subscriptions: told among the settings'],
  notes: [{ at, phase: 'copying', text: 'Paused by ann' }],
  documents: { source: 1_000, target: 999 },
  counts: { attachments: { source: 5, target: 5 }, 'documents in Orders': { source: 600, target: 599 } },
  shards: { 0: 600, 1: 300, 2: 99 },
  shardBytes: { 0: 6_100_000, 1: 2_950_000, 2: 1_020_000 },
  shares: {
    sampled: 1_000,
    shards: [
      { shard: 0, documents: 0.58, bytes: 0.6 },
      { shard: 1, documents: 0.31, bytes: 0.3 },
      { shard: 2, documents: 0.11, bytes: 0.1 },
    ],
  },
  mismatches: 3,
  differences: [{ kind: 'document', id: 'orders/1', what: 'differs in "Price"', shard: 1 }],
  refused: [{ kind: 'counter', id: 'orders/2', reason: 'too small' }],
  verifications: [
    { at, depth: 'full', mismatches: 3, lagging: 2, documents: { source: 1_000, target: 999 } },
  ],
  settings: [
    { setting: 'Revisions', outcome: 'carried', advice: '' },
    { setting: 'Subscriptions', outcome: 'left out', advice: 'set where each starts' },
  ],
  leftToDo: [{ about: 'PeriodicBackups', text: 'define a backup' }],
  rehearsals: [{ at, by: 'ann', note: '', outageSeconds: 0.7, failure: null }],
  approval: { at, by: 'ann', note: 'application stopped' },
  completion: { at, by: 'bob', note: 'all is well' },
  downtimeSeconds: 0.675,
};

const OF_TYPE: Partial<Record<WorkflowType, Partial<RunReport>>> = {
  migrateDatabase: full,
  verifyDatabases: {
    mismatches: 0,
    documents: { source: 1_000, target: 1_000 },
    trend: ['2026-11-29', '2026-11-30'].map((day) => ({
      at: `${day}T10:00:00.000Z`,
      mismatches: 0,
      documents: { source: 1_000, target: 1_000 },
      lagging: 0,
    })),
    series: {
      work: work({ phase: 'reading', step: 1 }, { from: 0, to: 20, points: 11 }, (second) => 50 * second),
      lag: [],
    },
  },
  planMigration: {
    plan: {
      possible: true,
      steps: [
        {
          phase: 'freezing',
          does: 'Waits until nothing writes.',
          source: 'is closed',
          target: 'is kept in step',
          human: 'stops the application',
          downtime: true,
        },
      ],
      notDone: ['Clients are not pointed to the target.'],
      forecast: {
        documents: 1_000,
        bytes: 5_000_000,
        shards: [
          { shard: 0, documents: 620, bytes: 3_000_000 },
          { shard: 1, documents: 380, bytes: 2_000_000 },
        ],
        skew: 1.2,
        buckets: { largest: [], fullest: [] },
        anchored: { documents: 0, buckets: 0 },
        unknownShard: 0,
        collections: [{ collection: 'Orders', documents: 1_000, bytes: 5_000_000 }],
        largestDocuments: [{ id: 'orders/1', bytes: 70_000, shard: 0 }],
        mostExtensions: { attachments: [], counters: [], timeSeries: [] },
      },
      estimate: {
        copySeconds: { from: 60, to: 300 },
        verificationSeconds: { from: 10, to: 50 },
        sample: { documents: 500, bytes: 2_500_000, seconds: 3, documentsPerSecond: 167 },
      },
      estimateNote: 'From a sample.',
    },
  },
  importDump: { items: { documents: 1_000, revisions: 20 }, shards: { 0: 620, 1: 380 } },
};

/** A completed run of each type. */
export const samples = (Object.keys(workflowTypes) as WorkflowType[]).map(
  (workflowType): RunReport => ({
    ...empty,
    workflowType,
    title: `A run of ${workflowType}`,
    timings: phasesOf[workflowType].map((phase, index) => ({
      phase,
      startedAt: iso(10 * index),
      seconds: 10,
    })),
    ...OF_TYPE[workflowType],
  }),
);
