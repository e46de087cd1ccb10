import type { InputOptions } from '../run/input.ts';
import {
  type ExportOptions,
  exportJob,
  type ImportOptions,
  importJob,
  type Job,
  planJob,
  type SyncOptions,
  syncJob,
  type VerifyOptions,
  verifyJob,
} from '../run/jobs.ts';
import type { ExitCode } from '../terminal/exit-codes.ts';
import { startAndWatch } from './watch-run.ts';

/** From the options of each command to what it starts. */
export const jobs = {
  plan: planJob,
  verify: verifyJob,
  sync: syncJob,
  export: exportJob,
  import: importJob,
} as const;

/** A command that starts a run and watches it. */
export type JobCommand = keyof typeof jobs;

/** The options of all these commands, each with those that describe its job. */
export type JobOptions = InputOptions &
  VerifyOptions &
  SyncOptions &
  ExportOptions &
  ImportOptions & { workflowId?: string; detach?: boolean; json?: boolean };

/** `shardlift plan|verify|sync|export|import`: starts a run, and watches it unless it should only be started. */
export async function startJob(command: JobCommand, options: JobOptions): Promise<ExitCode> {
  const { workflowId, detach = false, json = false } = options;
  const job: Job = jobs[command](options);
  return await startAndWatch({ ...job, workflowId: workflowId ?? job.workflowId }, { detach, json });
}
