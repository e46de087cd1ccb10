import { loadSettings } from '../../config/config.ts';
import type { WorkflowType } from '../../core/contract/contract.ts';
import { nounOf } from '../../core/run/run-types.ts';
import { type ListedRun, listRuns } from '../run/list-runs.ts';
import { withTemporal } from '../run/temporal.ts';
import { CliError } from '../terminal/cli-error.ts';
import { type ExitCode, exitCodes } from '../terminal/exit-codes.ts';
import { type Palette, paletteFor } from '../terminal/palette.ts';
import { localTime, table } from '../terminal/text.ts';

/** The options of `shardlift list`. */
export interface ListOptions {
  all?: boolean;
  limit: string;
  json?: boolean;
}

/** `shardlift list`: what runs, and with `--all` also what ran, the latest first. */
export async function list({ all = false, limit, json = false }: ListOptions): Promise<ExitCode> {
  const most = Number(limit);
  if (!Number.isInteger(most) || most < 1)
    throw new CliError(`--limit must be a whole number above 0, not "${limit}".`, undefined, exitCodes.usage);
  const { taskQueue } = loadSettings();
  return await withTemporal(async (temporal) => {
    const runs = await listRuns(temporal, taskQueue, { all, most });
    const lines = json ? runs.map((run) => JSON.stringify(run)) : linesOf(runs, { all, taskQueue });
    process.stdout.write(lines.map((line) => `${line}\n`).join(''));
    return exitCodes.ok;
  });
}

function linesOf(
  runs: readonly ListedRun[],
  { all, taskQueue }: { all: boolean; taskQueue: string },
): string[] {
  if (runs.length === 0)
    return [
      `Nothing ${all ? 'has run' : 'runs'} on task queue "${taskQueue}".${all ? '' : ' With --all, what ran before is listed.'}`,
    ];
  return listLines(runs, paletteFor(process.stdout));
}

/** A table of runs; below each, what a person should look at. */
export function listLines(runs: readonly ListedRun[], { yellow }: Palette): string[] {
  const rows = runs.map(({ workflowId, workflowType, summary, phase, startedAt, endedAt }) => [
    workflowId,
    nounOf[workflowType as WorkflowType],
    phase,
    localTime(startedAt),
    endedAt === null ? '' : localTime(endedAt),
    summary,
  ]);
  const [head = '', ...lines] = table([['Workflow', 'Kind', 'Phase', 'Started', 'Ended', 'What'], ...rows]);
  return [
    head,
    ...lines.flatMap((line, at) => {
      const attention = runs[at]?.attention;
      return attention ? [line, yellow(`  ! ${attention}`)] : [line];
    }),
  ];
}
