import { workflowInfo } from '@temporalio/workflow';
import { parseExportDatabase } from '../core/contract/file-contract.ts';
import type { ExportResult } from '../core/run/results.ts';
import { bulk, planning } from './run/activity-proxies.ts';
import { type Continued, Run, valid } from './run/run.ts';
import { RunState } from './run/run-state.ts';

/**
 * Writes a database, sharded or not, into a dump on a worker's disk, with a manifest beside it. The argument is one
 * `ExportDatabaseInput`.
 */
export async function exportDatabase(
  argument: unknown,
  continued?: Continued<Standing>,
): Promise<ExportResult> {
  const input = valid(parseExportDatabase(argument));
  const { source } = input;
  const title = `Export of ${source.connection}/${source.database}`;
  const state = new RunState({ workflowType: 'exportDatabase', title, input, source }, continued?.state);
  const run = new Run(state, continued);
  return await run.toTheEnd(async () => {
    const standing = continued?.runbook ?? {
      at: 'plan',
      startedAt: workflowInfo().startTime.toISOString(),
    };
    const order = { ...input, at: standing.startedAt };
    run.mayContinue(argument, (): Standing => standing);
    if (standing.at === 'plan') {
      run.planned(await run.step(() => planning.planExport(order)));
      standing.at = 'export';
    }
    run.state.enter('exporting');
    const dump = await run.step(() => bulk.writeDump(order));
    run.state.settled({ items: dump.counts });
    run.state.leftOut(dump.warnings);
    run.state.found([`${dump.file} on host ${dump.host}`]);
    return { dump };
  });
}

/** Where the runbook stands. */
interface Standing {
  at: 'plan' | 'export';
  /** When the first run began: names the dump. */
  startedAt: string;
}
