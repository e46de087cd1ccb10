import type { Config } from '../../config/config.ts';
import type { DatabaseRef, Pair } from '../../core/contract/contract.ts';
import type { Tuning } from '../../core/contract/tuning.ts';
import type { TransferReport } from '../../core/run/activity-report.ts';
import type { Database } from '../../ravendb/connection/database.ts';

/** One piece of work in progress, as the engine sees it: what it may use, and whom it tells of its progress. */
export interface Work {
  readonly config: Config;
  readonly tuning: Tuning;
  /** A database by name, whose requests end with `signal`. @throws RavenError for an unknown connection */
  database(ref: DatabaseRef): Database;
  /** Aborted when the work must stop: pause, abort, shutdown of the worker, timeout. */
  readonly signal: AbortSignal;
  /** Whether the workflow wants the work to stop, and not a shutdown of the worker. */
  readonly canceledByWorkflow: boolean;
  /** Which attempt this is, from 1. */
  readonly attempt: number;
  readonly workflowId: string;
  /**
   * Whether a workflow is still open, by its first run, since it may go on in new ones; false also for one that Temporal
   * has forgotten.
   */
  isRunning(workflowId: string, firstRunId: string): Promise<boolean>;
  /** The ids of all open workflows of our types; one that was started a moment ago may be missing. */
  openWorkflows(): Promise<string[]>;
  /** The heartbeat of the attempt before this one. */
  readonly lastHeartbeat: unknown;
  /** Replaces what the heartbeat carries. */
  heartbeat(details: unknown): void;
  /** Reports progress to the workflow. Reports are merged and sent now and then: the last one wins. */
  report(report: TransferReport): void;
}

/** Source and target by name, as databases to work with. @throws RavenError for an unknown connection */
export function openPair(work: Work, { source, target }: Pair<DatabaseRef>): Pair<Database> {
  return { source: work.database(source), target: work.database(target) };
}
