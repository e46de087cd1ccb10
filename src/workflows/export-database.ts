import { workflowInfo } from '@temporalio/workflow';
import { parseExportDatabase } from '../core/contract/file-contract.ts';
import type { ExportResult } from '../core/run/results.ts';
import { bulk, planning } from './run/activity-proxies.ts';
import { Run, valid } from './run/run.ts';
import { RunState } from './run/run-state.ts';

/**
 * Writes a database, sharded or not, into a dump on a worker's disk, with a manifest beside it. The argument is one
 * `ExportDatabaseInput`.
 */
export async function exportDatabase(argument: unknown): Promise<ExportResult> {
  const input = valid(parseExportDatabase(argument));
  const order = { ...input, at: workflowInfo().startTime.toISOString() };
  const { source } = input;
  const title = `Export of ${source.connection}/${source.database}`;
  const run = new Run(new RunState({ workflowType: 'exportDatabase', title, input, source }));
  return await run.toTheEnd(async () => {
    run.planned(await run.step(() => planning.planExport(order)));
    run.state.enter('exporting');
    const dump = await run.step(() => bulk.writeDump(order));
    run.state.settled({ items: dump.counts });
    run.state.leftOut(dump.warnings);
    run.state.found([`${dump.file} on host ${dump.host}`]);
    return { dump };
  });
}
