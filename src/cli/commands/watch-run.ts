/** Watching a migration to its end: what `watch`, `migrate` and `demo` have in common. */
import type { WorkflowHandle } from '@temporalio/client';
import { type Ending, endingJson } from '../run/ending.ts';
import { follow, isMigration } from '../run/follow.ts';
import type { Signature } from '../run/send-request.ts';
import type { Temporal } from '../run/temporal.ts';
import type { TypedCommands } from '../run/typed-commands.ts';
import { paletteFor } from '../terminal/palette.ts';
import { JsonView } from '../view/json-view.ts';
import { LinesView } from '../view/lines-view.ts';
import { summaryLines } from '../view/summary-lines.ts';
import type { View } from '../view/view.ts';
import { type ApprovalMode, Approver } from './approval.ts';

/** Who approves, and in whose name. */
export interface Approval {
  mode: ApprovalMode;
  signature: Signature;
  /** A no at the question ends the migration instead of leaving it waiting. */
  noMeansReject?: boolean;
}

/** What to watch, and who approves. */
export interface Watching {
  temporal: Temporal;
  handle: WorkflowHandle;
  taskQueue: string;
  commands: TypedCommands;
  view: View;
  controller: AbortController;
  /** Absent: the approval is nobody's business here. */
  approval?: Approval | undefined;
}

/** A repainted picture on a terminal, lines elsewhere, JSON where it is asked for. */
export async function openView(options: {
  commands: TypedCommands;
  json: boolean;
  approves: boolean;
  /** What Ctrl-C does, where it is not that the run goes on by itself. */
  leaving?: string;
}): Promise<View> {
  const { leaving = 'Ctrl-C leaves; the work goes on.' } = options;
  if (options.json) return new JsonView(options);
  if (!process.stderr.isTTY) return new LinesView(options, (line) => process.stderr.write(`${line}\n`));
  const { ScreenView } = await import('../view/screen-view.ts');
  return new ScreenView({ ...options, leaving });
}

/** Shows a migration until it has ended. @throws Interrupted, or what keeps the watching from going on */
export async function watchToTheEnd(watching: Watching): Promise<Ending> {
  const { temporal, handle, taskQueue, view, controller, approval } = watching;
  const approver = approval && new Approver({ ...watching, ...approval });
  try {
    return await follow(
      temporal,
      { handle, taskQueue },
      {
        signal: controller.signal,
        onState: async (state) => {
          view.show(state);
          const { progress, silence } = state;
          if (progress && !silence && isMigration(progress)) await approver?.look(progress);
        },
      },
    );
  } finally {
    view.close();
  }
}

/** The result, on stdout. */
export function printEnding(ending: Ending, json: boolean): void {
  if (json) {
    process.stdout.write(`${JSON.stringify(endingJson(ending))}\n`);
    return;
  }
  const palette = paletteFor(process.stdout);
  const lines = summaryLines(ending, { width: process.stdout.columns ?? 100, palette });
  process.stdout.write(`${lines.join('\n')}\n\n`);
}

/** What to know after Ctrl-C. */
export function sayThatItGoesOn(commands: TypedCommands, workflowId: string, what = 'migration'): void {
  process.stderr.write(`\nThe ${what} goes on. To watch it again:\n  ${commands.watch(workflowId)}\n`);
}
