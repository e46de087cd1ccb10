import { workflowInfo } from '@temporalio/workflow';
import { parseExportDatabase } from '../core/contract/file-contract.ts';
import { exportPhases } from '../core/contract/phases.ts';
import type { WrittenDump } from '../core/files/files.ts';
import { bulk, planning } from './run/activity-proxies.ts';
import { assertPossible, valid } from './run/ending.ts';
import { type JobResult, runJob } from './run/job.ts';

/** What `exportDatabase` returns: where the dump is, and what is in it. */
export type ExportResult = JobResult & { dump: WrittenDump };

/**
 * Writes a database, sharded or not, into a dump on a worker's disk, with a manifest beside it. The argument is one
 * `ExportDatabaseInput`.
 */
export async function exportDatabase(argument: unknown): Promise<ExportResult> {
  const input = valid(parseExportDatabase(argument));
  const order = { ...input, at: workflowInfo().startTime.toISOString() };
  const { connection, database } = input.source;
  return await runJob(
    input,
    { title: `Export of ${connection}/${database}`, steps: exportPhases },
    async ({ state, control }) => {
      const checks = await control.step(() => planning.planExport(order));
      state.planned(checks);
      assertPossible(checks);
      state.enter('exporting');
      const dump = await control.step(() => bulk.writeDump(order));
      state.wrote(dump.counts);
      state.leftOut(dump.warnings);
      state.found({ findings: [`${dump.file} on host ${dump.host}`] });
      return { dump };
    },
    async () => '',
  );
}
