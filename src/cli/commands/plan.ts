import { type InputOptions, migrationInput, migrationSummary, planWorkflowId } from '../run/input.ts';
import type { ExitCode } from '../terminal/exit-codes.ts';
import { startAndWatch } from './watch-run.ts';

/** The options of `shardlift plan`. */
export interface PlanOptions extends InputOptions {
  workflowId?: string;
  detach?: boolean;
  json?: boolean;
}

/** `shardlift plan`: says what a migration would find, do and take. */
export async function plan(options: PlanOptions): Promise<ExitCode> {
  const { detach = false, json = false } = options;
  const input = migrationInput(options, 'plan');
  return await startAndWatch(
    {
      type: 'planMigration',
      input,
      summary: migrationSummary(input),
      workflowId: options.workflowId ?? planWorkflowId(input),
    },
    { detach, json },
  );
}
