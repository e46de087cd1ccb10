import type { WorkflowHandle } from '@temporalio/client';
import { loadSettings } from '../../config/config.ts';
import { type MigrateDatabaseInput, workflowTypes } from '../../core/contract/contract.ts';
import {
  defaultWorkflowId,
  type InputOptions,
  migrationInput,
  migrationSummary,
  userName,
} from '../run/input.ts';
import { printStarted, type Start, startRun } from '../run/start.ts';
import { connectTemporal, type Temporal } from '../run/temporal.ts';
import { TypedCommands } from '../run/typed-commands.ts';
import { Interrupted } from '../terminal/cli-error.ts';
import { type ExitCode, exitCodes } from '../terminal/exit-codes.ts';
import { untilInterrupted } from '../terminal/interrupt.ts';
import type { ApprovalMode } from './approval.ts';
import { openView, printEnding, sayThatItGoesOn, watchToTheEnd } from './watch-run.ts';

/** The options of `shardlift migrate`. */
export interface MigrateOptions extends InputOptions {
  workflowId?: string;
  detach?: boolean;
  yes?: boolean;
  by?: string;
  note?: string;
  json?: boolean;
}

/** `shardlift migrate`: starts a migration, watches it, and sees to its approval. */
export async function migrate(options: MigrateOptions): Promise<ExitCode> {
  const { json = false, detach = false } = options;
  const input = migrationInput(options);
  const { taskQueue } = loadSettings();
  const workflowId = options.workflowId ?? defaultWorkflowId(input);
  const commands = new TypedCommands();
  const temporal = await connectTemporal();
  try {
    const handle = await startMigration(temporal, { input, workflowId, taskQueue, commands });
    if (detach) {
      printStarted(handle, commands, json);
      return exitCodes.ok;
    }
    const mode = approvalMode(options);
    const approval = mode && { mode, signature: signatureOf(options) };
    const view = await openView({ commands, json, approves: mode !== undefined });
    const ending = await untilInterrupted((controller) =>
      watchToTheEnd({ temporal, handle, taskQueue, commands, view, controller, approval }),
    );
    printEnding(ending, json);
    return ending.exitCode;
  } catch (error) {
    if (error instanceof Interrupted) sayThatItGoesOn(commands, workflowId);
    throw error;
  } finally {
    await temporal.close();
  }
}

/** Starts the workflow. @throws CliError when the same id runs already */
export async function startMigration(
  temporal: Temporal,
  migration: Omit<Start, 'type' | 'summary' | 'what' | 'input'> & {
    input: MigrateDatabaseInput;
    /** The plan of it, instead of the migration itself. */
    planOnly?: boolean;
  },
): Promise<WorkflowHandle> {
  const { planOnly = false, ...start } = migration;
  return await startRun(temporal, {
    ...start,
    type: planOnly ? workflowTypes.planMigration : workflowTypes.migrateDatabase,
    what: planOnly ? 'plan' : 'migration',
    summary: migrationSummary(start.input),
  });
}

/** Who approves here: this command, or whoever can answer at a terminal; undefined when nobody does. */
export function approvalMode({ yes, json }: { yes?: boolean; json?: boolean }): ApprovalMode | undefined {
  if (yes) return 'yes';
  return !json && process.stdin.isTTY && process.stderr.isTTY ? 'ask' : undefined;
}

function signatureOf({ by, note, yes }: MigrateOptions): { by: string; note: string } {
  return { by: by ?? userName(), note: note ?? (yes ? '--yes' : '') };
}
