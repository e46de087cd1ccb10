import { userName } from '../run/fields.ts';
import {
  type CutOverInputOptions,
  cutOverInput,
  defaultWorkflowId,
  type InputOptions,
  migrationInput,
  migrationSummary,
  rehearsalInput,
  type Sides,
} from '../run/input.ts';
import type { Start } from '../run/start.ts';
import type { ExitCode } from '../terminal/exit-codes.ts';
import type { ApprovalMode } from './approval.ts';
import { startAndWatch } from './watch-run.ts';

/** What both commands take besides what describes their input. */
interface Approved {
  workflowId?: string;
  detach?: boolean;
  yes?: boolean;
  by?: string;
  note?: string;
  json?: boolean;
}

/** The options of `shardlift migrate`. */
export interface MigrateOptions extends InputOptions, Approved {}

/** The options of `shardlift cut-over`. */
export interface CutOverOptions extends CutOverInputOptions, Approved {
  rehearse?: boolean;
}

/** `shardlift migrate`: starts a migration, watches it, and sees to its approval. */
export async function migrate(options: MigrateOptions): Promise<ExitCode> {
  const input = migrationInput(options);
  return await startApproved('migrateDatabase', input, 'migrate', options);
}

/** `shardlift cut-over`: hands over to a target that is filled, or rehearses that. */
export async function cutOver(options: CutOverOptions): Promise<ExitCode> {
  if (!options.rehearse) return await startApproved('cutOver', cutOverInput(options), 'cut-over', options);
  return await startApproved('rehearseCutover', rehearsalInput(options), 'rehearse', options);
}

async function startApproved(
  type: Start['type'],
  input: Sides,
  verb: string,
  options: Approved,
): Promise<ExitCode> {
  const { detach = false, json = false } = options;
  const mode = approvalMode(options);
  return await startAndWatch(
    {
      type,
      input,
      summary: migrationSummary(input),
      workflowId: options.workflowId ?? defaultWorkflowId(verb, input),
    },
    { detach, json, approval: mode && { mode, signature: signatureOf(options) } },
  );
}

/** Who approves here: this command, or whoever can answer at a terminal; undefined when nobody does. */
export function approvalMode({ yes, json }: { yes?: boolean; json?: boolean }): ApprovalMode | undefined {
  if (yes) return 'yes';
  return !json && process.stdin.isTTY && process.stderr.isTTY ? 'ask' : undefined;
}

function signatureOf({ by, note, yes }: Approved): { by: string; note: string } {
  return { by: by ?? userName(), note: note ?? (yes ? '--yes' : '') };
}
