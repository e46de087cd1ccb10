import type { WorkflowHandle } from '@temporalio/client';
import { loadSettings } from '../../config/config.ts';
import type { PlannedMigration } from '../../core/plan/migration-plan.ts';
import type { JobProgress, JobReport } from '../../core/run/job.ts';
import { follow } from '../run/follow.ts';
import { type InputOptions, migrationInput, planWorkflowId } from '../run/input.ts';
import { printStarted } from '../run/start.ts';
import { connectTemporal, type Temporal } from '../run/temporal.ts';
import { TypedCommands } from '../run/typed-commands.ts';
import { Interrupted } from '../terminal/cli-error.ts';
import { type ExitCode, exitCodes } from '../terminal/exit-codes.ts';
import { untilInterrupted } from '../terminal/interrupt.ts';
import { paletteFor } from '../terminal/palette.ts';
import { failedPlanLines, planLines } from '../view/plan-lines.ts';
import { PlanView } from '../view/plan-view.ts';
import { startMigration } from './migrate.ts';
import { sayThatItGoesOn } from './watch-run.ts';

/** The options of `shardlift plan`. */
export interface PlanOptions extends InputOptions {
  workflowId?: string;
  detach?: boolean;
  json?: boolean;
}

/** `shardlift plan`: says what a migration would find, do and take. */
export async function plan(options: PlanOptions): Promise<ExitCode> {
  const { json = false, detach = false } = options;
  const input = migrationInput(options, 'plan');
  const { taskQueue } = loadSettings();
  const workflowId = options.workflowId ?? planWorkflowId(input);
  const commands = new TypedCommands();
  const temporal = await connectTemporal();
  try {
    const handle = await startMigration(temporal, { input, workflowId, taskQueue, commands, planOnly: true });
    if (detach) {
      printStarted(handle, commands, json);
      return exitCodes.ok;
    }
    return await watchPlan({ temporal, handle, taskQueue, commands, json });
  } finally {
    await temporal.close();
  }
}

/** Shows a plan until it is made, and what it says. */
export async function watchPlan(options: {
  temporal: Temporal;
  handle: WorkflowHandle;
  taskQueue: string;
  commands: TypedCommands;
  json: boolean;
}): Promise<ExitCode> {
  const { temporal, handle, taskQueue, commands, json } = options;
  const view = new PlanView(json);
  try {
    const { result, failure, outcome, exitCode, workflowId } = await untilInterrupted(({ signal }) =>
      follow<JobProgress, PlannedMigration & { reportPath: string }, JobReport>(
        temporal,
        { handle, taskQueue },
        { signal, onState: (state) => view.show(state) },
      ),
    ).finally(() => view.close());
    const palette = paletteFor(process.stdout);
    const setting = { width: process.stdout.columns ?? 100, palette };
    if (json)
      process.stdout.write(
        `${JSON.stringify(result ?? { phase: outcome, workflowId, possible: false, failure })}\n`,
      );
    else {
      const lines = result
        ? planLines({ workflowId, ...result }, setting)
        : failedPlanLines({ workflowId, outcome, failure }, setting);
      process.stdout.write(`${lines.join('\n')}\n\n`);
    }
    return result?.possible === false ? exitCodes.blocked : exitCode;
  } catch (error) {
    if (error instanceof Interrupted) sayThatItGoesOn(commands, handle.workflowId, 'plan');
    throw error;
  }
}
