import { userName } from '../run/fields.ts';
import { defaultWorkflowId, type InputOptions, migrationInput, migrationSummary } from '../run/input.ts';
import type { ExitCode } from '../terminal/exit-codes.ts';
import type { ApprovalMode } from './approval.ts';
import { startAndWatch } from './watch-run.ts';

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
  const { detach = false, json = false } = options;
  const input = migrationInput(options);
  const mode = approvalMode(options);
  return await startAndWatch(
    {
      type: 'migrateDatabase',
      input,
      summary: migrationSummary(input),
      workflowId: options.workflowId ?? defaultWorkflowId(input),
    },
    { detach, json, approval: mode && { mode, signature: signatureOf(options) } },
  );
}

/** Who approves here: this command, or whoever can answer at a terminal; undefined when nobody does. */
export function approvalMode({ yes, json }: { yes?: boolean; json?: boolean }): ApprovalMode | undefined {
  if (yes) return 'yes';
  return !json && process.stdin.isTTY && process.stderr.isTTY ? 'ask' : undefined;
}

function signatureOf({ by, note, yes }: MigrateOptions): { by: string; note: string } {
  return { by: by ?? userName(), note: note ?? (yes ? '--yes' : '') };
}
