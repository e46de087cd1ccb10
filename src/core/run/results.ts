/** What the workflow types return. */

import type { Sample } from '../compare/sampling.ts';
import type { TrendPoint } from '../compare/trend.ts';
import type { Depth, Difference, Repair } from '../compare/verification.ts';
import type { Pair } from '../contract/contract.ts';
import type { Position } from '../copy/position.ts';
import type { LateWrites } from '../cutover/late-writes.ts';
import type { ItemNumbers, WrittenDump } from '../files/files.ts';
import type { Leftover } from '../plan/leftovers.ts';
import type { PlannedMigration } from '../plan/migration-plan.ts';

/** What every type returns. */
export interface RunResult {
  phase: 'completed';
  workflowId: string;
  /** Path of the report on the worker that wrote it; null when it could not be written: the `report` query has it. */
  reportPath: string | null;
}

/** What `migrateDatabase`, `replicateDatabase` and `cutOver` return. */
export interface MigrationResult extends RunResult {
  mismatches: number;
  documents: Pair<number>;
  /** Documents per shard of the target. */
  shards: Record<string, number>;
  downtimeSeconds: number;
}

/** What `rehearseCutover` returns. */
export interface RehearsalResult extends RunResult {
  /** From the freeze until the source served again, in seconds. */
  outageSeconds: number;
  documents: Pair<number>;
}

/** What `syncDatabase` returns. */
export interface SyncResult extends RunResult {
  /** Whether everything was copied, as the first run does, or what had changed since the last run. */
  carried: 'everything' | 'changes';
  /** Where the target stands now; the next run starts from here. */
  position: Position;
  documents: Pair<number>;
  shards: Record<string, number>;
}

/** What `exportDatabase` returns: where the dump is, and what is in it. */
export interface ExportResult extends RunResult {
  dump: WrittenDump;
}

/** What `importDump` and `importBackup` return. */
export interface ImportResult extends RunResult {
  /** Names of the files that were imported by this run, in order; none when there was nothing new. */
  files: string[];
  /** The last file that the target holds; null when it holds none. */
  standsAt: string | null;
  items: ItemNumbers;
  documentsCompared: number;
  shards: Record<string, number>;
}

/** What `verifyDatabases` returns. */
export interface VerifyResult extends RunResult {
  /** Whether nothing differs; documents that were only behind do not count as different. */
  equal: boolean;
  depth: Depth;
  mismatches: number;
  /** The first of them. */
  differences: Difference[];
  documents: Pair<number>;
  /** Numbers of other kinds. */
  counts: Record<string, Pair<number>>;
  shards: Record<string, number>;
  /** Documents that were written to during the comparison, and so are neither equal nor different. */
  lagging: number;
  sample?: Sample;
  repairs?: readonly Repair[];
  /** Under a schedule the last runs, this one included. */
  trend: TrendPoint[];
}

/** What `planMigration` returns. */
export interface PlanResult extends RunResult, PlannedMigration {}

/** What `removeLeftovers` returns. */
export interface LeftoversResult extends RunResult {
  leftovers: Leftover[];
  /** What has come to the source since a cutover that has left it open; null for nothing. */
  lateWrites: LateWrites | null;
}

type Own<Result extends RunResult> = Partial<Omit<Result, keyof RunResult>>;

/** What a run of any type may return besides. */
export type AnyResult = Own<MigrationResult> &
  Own<RehearsalResult> &
  Own<SyncResult> &
  Own<ExportResult> &
  Own<ImportResult> &
  Own<VerifyResult> &
  Own<LeftoversResult> &
  Own<PlanResult>;
