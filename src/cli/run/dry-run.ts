/** Waiting for what a dry run of a repair finds. */
import type { WorkflowHandle } from '@temporalio/client';
import type { RepairDryRun } from '../../core/compare/repair.ts';
import { queries } from '../../core/contract/contract.ts';
import type { RunProgress } from '../../core/run/progress.ts';
import { CliError, Interrupted } from '../terminal/cli-error.ts';
import { exitCodes } from '../terminal/exit-codes.ts';
import { untilInterrupted } from '../terminal/interrupt.ts';
import { follow } from './follow.ts';
import type { Temporal } from './temporal.ts';
import type { TypedCommands } from './typed-commands.ts';

/** When the last dry run ended; undefined when there was none since the last repair. */
export async function lastDryRun(handle: WorkflowHandle): Promise<string | undefined> {
  // a worker that does not answer will not take the request either, which is said then
  const progress = await handle.query<RunProgress>(queries.progress).catch(() => undefined);
  return progress?.dryRun?.at;
}

/**
 * Waits until a dry run has ended.
 * @param options.earlier when the one before it ended
 * @throws CliError when the run ends first; Interrupted, and the dry run goes on
 */
export async function untilForeseen(
  temporal: Temporal,
  options: {
    handle: WorkflowHandle;
    taskQueue: string;
    earlier: string | undefined;
    commands: TypedCommands;
  },
): Promise<RepairDryRun> {
  const { handle, earlier, commands } = options;
  let found: RepairDryRun | undefined;
  let silence: string | undefined;
  try {
    await untilInterrupted(async (controller) => {
      const done = new AbortController();
      const signal = AbortSignal.any([controller.signal, done.signal]);
      const onState = (state: { progress: RunProgress | undefined; silence: string | undefined }) => {
        if (state.silence && state.silence !== silence) process.stderr.write(`${state.silence}\n`);
        silence = state.silence;
        const dryRun = state.progress?.dryRun;
        if (!dryRun || dryRun.at === earlier) return;
        found = dryRun;
        done.abort();
      };
      await follow(temporal, options, { signal, onState }).catch((error) => {
        if (!found) throw error;
      });
    });
  } catch (error) {
    if (error instanceof Interrupted)
      process.stderr.write(
        `\nThe dry run goes on. What it finds is shown by:\n  ${commands.watch(handle.workflowId)}\n`,
      );
    throw error;
  }
  if (found) return found;
  const hint = `To see how: ${commands.watch(handle.workflowId)}`;
  throw new CliError('The run ended before the dry run was done.', hint, exitCodes.refused);
}
