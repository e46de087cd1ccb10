import { writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { queries } from '../../core/contract/contract.ts';
import type { RunReport } from '../../core/run/report.ts';
import { reportPage } from '../../report/page.ts';
import { findWorkflow, workflowTypeOf } from '../run/follow.ts';
import { ask, explainSilence, withTemporal } from '../run/temporal.ts';
import { tuning } from '../run/tuning.ts';
import { hasScreen, openInBrowser } from '../terminal/browser.ts';
import { CliError } from '../terminal/cli-error.ts';
import { type ExitCode, exitCodes } from '../terminal/exit-codes.ts';

/** The options of `shardlift report`. */
export interface ReportOptions {
  output?: string;
  json?: boolean;
}

/** `shardlift report`: the report of a run as it is now, as an HTML page in a file, which it opens, or as JSON on stdout. */
export async function report(workflowId: string, { output, json }: ReportOptions): Promise<ExitCode> {
  return await withTemporal(async (temporal) => {
    const { handle, description } = await findWorkflow(temporal, workflowId);
    workflowTypeOf(description.type, workflowId);
    const asking = () => handle.query<RunReport>(queries.report);
    const found = await ask(temporal, asking, undefined, tuning.answerWithinMs).catch(() => undefined);
    if (!found) {
      const why = await explainSilence(temporal, description.taskQueue);
      const hint = 'A run that has ended left its report in the report directory of its worker, too.';
      throw new CliError(why, hint, exitCodes.unreachable);
    }
    if (json) {
      process.stdout.write(`${JSON.stringify(found)}\n`);
      return exitCodes.ok;
    }
    const path = await written(found, output);
    process.stdout.write(`${path}\n`);
    const { stdout, platform, env } = process;
    // who names a file wants it for something else
    if (output === undefined && hasScreen({ isTTY: stdout.isTTY, platform, env })) await openInBrowser(path);
    return exitCodes.ok;
  });
}

/** @returns where the page is */
async function written(found: RunReport, output: string | undefined): Promise<string> {
  const path = resolve(output ?? `${found.workflowId.replaceAll(/[^\w.-]/g, '_')}.html`);
  try {
    await writeFile(path, reportPage(found));
  } catch (error) {
    const message = `The report cannot be written to ${path}: ${(error as Error).message}.`;
    throw new CliError(message, 'Name another file by --output.', exitCodes.usage);
  }
  return path;
}
