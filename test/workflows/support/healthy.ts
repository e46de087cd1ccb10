/** Activities of a migration in which nothing goes wrong: what a test says otherwise is all that it is about. */
import { ApplicationFailure, activityInfo } from '@temporalio/activity';
import type { Activities } from '../../../src/activities/index.ts';
import { NOTHING_TO_REPAIR } from '../../../src/core/compare/repair.ts';

/** The name of an activity. */
export type ActivityName = keyof Activities;
/** What an activity is asked. */
export type Asked<Name extends ActivityName> = Parameters<Activities[Name]>[0];
/** What an activity gives. */
export type Outcome<Name extends ActivityName> = Awaited<ReturnType<Activities[Name]>>;
export type Position = Outcome<'readPosition'>;
export type Verification = Outcome<'countDatabases'>;
export type InspectedFiles = Outcome<'inspectFiles'>;
type Reading = Outcome<'planComparison'>['readings'][number];

/** The host that a worker of its own serves. */
export const HOST = 'one';

/** Where the source stands. */
export const POSITION: Position = { etag: 100, raftIndex: 10, databaseId: 'SOURCE', nodeTag: 'A' };

/** The source as it can be fenced. */
export const FENCE: Outcome<'prepareFence'>['plan'] = {
  connection: 'here',
  database: 'shop',
  lockMode: 'Unlock',
  build: '7.1.5',
  storages: [
    { database: 'shop', alias: 'shop-fenced', folder: '/data/shop', databaseId: 'SOURCE', lastEtag: 100 },
  ],
};

/** The target as it can be fenced. */
const TARGET_FENCE: Outcome<'prepareFence'>['plan'] = {
  ...FENCE,
  database: 'sharded',
  storages: [
    {
      database: 'sharded$0',
      alias: 'sharded-0-fenced',
      folder: '/data/sharded$0',
      databaseId: 'SHARD0',
      lastEtag: 50,
    },
  ],
};

const CARRIER = { connection: 'here', database: 'shop-carrier' };

/** The target when it begins to serve. */
const FLOWED: Outcome<'switchOver'> = [
  { connection: 'here', database: 'sharded$0', databaseId: 'SHARD0', lastEtag: 50, comparedEtag: 50 },
];

/** All of the source in one piece. */
export const PIECE: Outcome<'planCopy'>['stages'][number][number] = {
  kind: 'Documents',
  from: 0,
  before: 101,
};

/** A comparison that found nothing. */
export function equal(more: Partial<Verification> = {}): Verification {
  return {
    at: '2026-01-01T00:00:00.000Z',
    depth: 'full',
    mismatches: 0,
    differences: [],
    lagging: 0,
    laggards: [],
    documents: { source: 3, target: 3 },
    counts: {},
    itemsCompared: true,
    shards: { '0': 2, '1': 1 },
    ...more,
  };
}

/** A comparison that found one document missing. */
export function different(more: Partial<Verification> = {}): Verification {
  const differences = [{ kind: 'document', id: 'items/7', what: 'is missing on the target' } as const];
  return equal({ mismatches: 1, differences, documents: { source: 3, target: 2 }, ...more });
}

/** A full backup of the source. */
export const FULL_BACKUP: InspectedFiles['files'][number] = {
  name: 'full',
  folder: 'backups',
  path: 'full.ravendb-full-backup',
  bucket: null,
  bytes: 1_000,
  incremental: false,
  documents: 3,
  items: 3,
  span: { SOURCE: { lowest: 1, highest: 60 } },
};

/** What a look at one full backup finds. */
export function inspected(more: Partial<InspectedFiles> = {}): InspectedFiles {
  return {
    checks: [],
    findings: ['One full backup.'],
    files: [FULL_BACKUP],
    database: 'shop',
    standsAt: null,
    continues: false,
    ...more,
  };
}

/** Storages of both sides, with their last etags. */
export const STORAGES: Outcome<'planComparison'>['storages'] = [
  { side: 'source', connection: 'here', database: 'shop', shard: null, databaseId: 'SOURCE', lastEtag: 100 },
  { side: 'target', connection: 'here', database: 'sharded$0', shard: 0, databaseId: 'SHARD0', lastEtag: 50 },
];
/** A part to read, of the source. The target's are those that a test asks for: two at once may end at once. */
const READINGS: Reading[] = STORAGES.slice(0, 1).map((storage) => ({ storage, piece: PIECE }));

/** Nothing happens on either side, so the try that follows the source waits for the next one. Time may skip over it. */
function nothingToFollow(): never {
  throw ApplicationFailure.create({ message: 'Nothing to follow.', nextRetryDelay: '300 days' });
}

const FORECAST: Outcome<'forecastShards'>['forecast'] = {
  documents: 3,
  bytes: 300,
  shards: [
    { shard: 0, documents: 2, bytes: 200 },
    { shard: 1, documents: 1, bytes: 100 },
  ],
  skew: 1.33,
  buckets: { largest: [], fullest: [] },
  anchored: { documents: 0, buckets: 0 },
  unknownShard: 0,
  collections: [{ collection: 'Items', documents: 3, bytes: 300 }],
  largestDocuments: [],
  mostExtensions: { attachments: [], counters: [], timeSeries: [] },
};

/** What a look at all of the source's documents finds. */
export function forecast(more: Partial<Outcome<'forecastShards'>> = {}): Outcome<'forecastShards'> {
  const items = { revisions: 0, counterGroups: 0, timeSeriesSegments: 0 };
  return { forecast: FORECAST, checks: [], items, readSeconds: 1, changesPerSecond: 0, ...more };
}

/** The task queue of the host whose worker does this activity. */
function hostQueue(): string {
  return `${activityInfo().taskQueue}@${HOST}`;
}

/** Every activity, each with success. */
export const healthy: Activities = {
  plan: async () => ({ checks: [], notCarried: [], targetExists: false, readable: true }),
  prepareTarget: async () => undefined,
  createTarget: async () => undefined,
  claimTarget: async () => undefined,
  releaseTarget: async () => undefined,
  documentsPerShard: async () => ({ '0': 2, '1': 1 }),
  holdTombstones: async () => undefined,
  releaseTombstones: async () => undefined,
  readPosition: async () => POSITION,
  readLastSync: async () => ({ checks: [], last: null, begun: false, shared: false }),
  recordSync: async () => undefined,

  planCopy: async () => ({ stages: [[PIECE]], totalItems: 3 }),
  copyPiece: async () => ({ done: true, progress: { next: 101, items: 3, bytes: 300 } }),
  copyClusterItems: async () => undefined,
  exportDump: async () => ({ taskQueue: hostQueue(), file: '/dumps/shop', bytes: 300, totalItems: 3 }),
  importDump: async () => ({}),
  removeDump: async () => undefined,
  startReplication: async () => undefined,
  pauseReplication: async () => undefined,
  removeReplication: async () => undefined,
  copyIndexes: async () => [],
  copySettings: async () => [{ setting: 'Expiration', outcome: 'carried', advice: '' }],

  catchUp: async ({ until, from }) => (until === 'canceled' ? nothingToFollow() : from),
  deleteSurplusDocuments: async () => 'Nothing had to be deleted.',

  planComparison: async () => ({ storages: STORAGES, readings: READINGS, totalItems: 6 }),
  readPart: async ({ reading }) => ({
    done: true,
    read: {
      next: reading.piece.before,
      items: 3,
      bytes: 300,
      sums: '',
      attachments: 0,
      counters: 0,
      misplaced: [],
    },
  }),
  compareDatabases: async () => equal(),
  sampleDatabases: async () => equal({ depth: 'sample' }),
  countDatabases: async () => equal({ depth: 'counts' }),
  planVerification: async () => [],
  verifyMigration: async ({ from, skipped }) => ({
    verification: equal(skipped && { skipped: skipped.length }),
    position: from,
  }),
  verifyChanges: async ({ from, skipped }) => ({
    verification: equal({ depth: 'changes', ...(skipped && { skipped: skipped.length }) }),
    position: from,
  }),
  repairItems: async ({ items }) => ({ before: items, after: [] }),
  repairMany: async () => ({ documents: 3, left: [], isChecked: true }),
  forecastRepair: async () => ({ ...NOTHING_TO_REPAIR, missing: 2, changed: 1 }),

  proveQuiet: async () => POSITION,
  assertSourceUnchanged: async () => undefined,

  prepareFence: async ({ from }) => ({
    plan: FENCE,
    position: from,
    differences: [],
    writtenByIndexes: [],
  }),
  fenceSource: async () => POSITION.etag,
  drainFenced: async ({ from }) => from,
  verifyBehindFence: async () => equal({ depth: 'changes' }),
  switchOver: async () => FLOWED,
  undoFence: async () => true,
  endFence: async () => undefined,
  flowBack: async ({ storages, differing, until }) =>
    until === 'canceled' ? nothingToFollow() : { storages, differing, differences: [] },
  prepareRollBack: async ({ old, firstRunId, attempt }) => ({
    order: { plan: TARGET_FENCE, target: CARRIER, firstRunId, attempt, old },
    position: POSITION,
  }),
  drainBack: async ({ storages, differing }) => ({ storages, differing, differences: [] }),
  switchBack: async () => undefined,
  finishRollBack: async () => undefined,
  endRollBack: async () => undefined,
  removeCarrier: async () => undefined,
  watchLateWrites: async () => null,
  findLateWrites: async () => null,
  leftToDo: async () => [],
  runHook: async () => undefined,

  forecastShards: async () => forecast(),
  copySample: async () => ({
    sample: { slices: [{ documents: 3, bytes: 300, seconds: 1 }], readSeconds: 1 },
  }),
  tryDefinitions: async () => ({ checks: [], notCarried: [] }),
  removeSample: async () => undefined,

  planExport: async () => [],
  writeDump: async () => ({
    host: HOST,
    taskQueue: hostQueue(),
    directory: '/dumps/shop',
    file: '/dumps/shop/shop.ravendbdump',
    bytes: 300,
    sha256: 'abc',
    counts: { Documents: 3 },
    warnings: [],
  }),
  planImport: async () => [],
  inspectFiles: async () => inspected(),
  importFiles: async ({ files }) => ({
    done: true,
    reached: { files: files.length, items: 0 },
    items: { Documents: 3 },
    notCarried: [],
    documentsCompared: 3,
    mismatches: 0,
    differences: [],
  }),
  importFileSettings: async () => ({ settings: [], notCarried: [] }),
  findLeftovers: async () => [],
  removeLeftovers: async () => [],
  writeReport: async ({ workflowId }) => `reports/${workflowId}/report.json`,
};
