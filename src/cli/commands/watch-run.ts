/** Watching a run to its end: what every command that starts or watches one has in common. */
import type { WorkflowHandle } from '@temporalio/client';
import { loadSettings } from '../../config/config.ts';
import { nounOf } from '../../core/run/run-types.ts';
import { type Ending, endingJson } from '../run/ending.ts';
import { follow } from '../run/follow.ts';
import type { Signature } from '../run/send-request.ts';
import { printStarted, type Start, startRun } from '../run/start.ts';
import { isPolled, noWorkerPolls, type Temporal, withTemporal } from '../run/temporal.ts';
import { TypedCommands } from '../run/typed-commands.ts';
import { Interrupted } from '../terminal/cli-error.ts';
import { type ExitCode, exitCodes } from '../terminal/exit-codes.ts';
import { untilInterrupted } from '../terminal/interrupt.ts';
import { paletteFor } from '../terminal/palette.ts';
import { widthOf } from '../terminal/text.ts';
import { JsonView } from '../view/json-view.ts';
import { LinesView } from '../view/lines-view.ts';
import { isPlan, planLines } from '../view/plan-lines.ts';
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
  /** Absent: nobody approves here. */
  approval?: Approval | undefined;
}

/** A repainted picture on a terminal, lines elsewhere, JSON where it is asked for. */
export async function openView(options: {
  commands: TypedCommands;
  json: boolean;
  approves: boolean;
  /** What Ctrl-C does. */
  leaving?: string;
}): Promise<View> {
  const { leaving = 'Ctrl-C leaves; the run goes on.' } = options;
  if (options.json) return new JsonView(options);
  if (!process.stderr.isTTY) return new LinesView(options, (line) => process.stderr.write(`${line}\n`));
  const { ScreenView } = await import('../view/screen-view.ts');
  return new ScreenView({ ...options, leaving });
}

/** Starts a run and watches it, unless it should only be started. */
export async function startAndWatch(
  start: Omit<Start, 'taskQueue' | 'commands'>,
  { detach, json, approval }: { detach: boolean; json: boolean; approval?: Approval | undefined },
): Promise<ExitCode> {
  const { taskQueue } = loadSettings();
  const commands = new TypedCommands();
  return await withTemporal(async (temporal) => {
    const handle = await startRun(temporal, { ...start, taskQueue, commands });
    if (detach) {
      printStarted(handle, commands, json);
      const isServed = await isPolled(temporal, taskQueue).catch(() => true);
      if (!isServed) process.stderr.write(`${noWorkerPolls(taskQueue)}\n`);
      return exitCodes.ok;
    }
    const noun = nounOf[start.type];
    return await watchRun({ temporal, handle, taskQueue, commands, approval, json, noun });
  });
}

/** Shows a run until it has ended, prints how, and gives the exit code. */
export async function watchRun(
  options: Omit<Watching, 'view' | 'controller'> & { json: boolean; noun: string },
): Promise<ExitCode> {
  const { commands, handle, approval, json, noun } = options;
  try {
    const view = await openView({ commands, json, approves: approval !== undefined });
    const ending = await untilInterrupted((controller) => watchToTheEnd({ ...options, view, controller }));
    printEnding(ending, json);
    return ending.exitCode;
  } catch (error) {
    if (error instanceof Interrupted)
      process.stderr.write(
        `\nThe ${noun} goes on. To watch it again:\n  ${commands.watch(handle.workflowId)}\n`,
      );
    throw error;
  }
}

/** Shows a run until it has ended. @throws Interrupted, or what keeps the watching from going on */
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
          if (state.progress && !state.silence) await approver?.look(state.progress);
        },
      },
    );
  } finally {
    view.close();
  }
}

/** How a run ended, on stdout. */
export function printEnding(ending: Ending, json: boolean): void {
  if (json) {
    process.stdout.write(`${JSON.stringify(endingJson(ending))}\n`);
    return;
  }
  const setting = { width: widthOf(process.stdout, 100), palette: paletteFor(process.stdout) };
  const { result } = ending;
  const lines = result && isPlan(result) ? planLines(result, setting) : summaryLines(ending, setting);
  process.stdout.write(`${lines.join('\n')}\n\n`);
}
