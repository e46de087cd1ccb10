/** Requests that lead to something which takes a while, and which their command waits for. */
import type { WorkflowHandle } from '@temporalio/client';
import { describeForecast } from '../../core/compare/repair.ts';
import { queries, requests } from '../../core/contract/contract.ts';
import { describeRehearsal } from '../../core/cutover/rehearsal.ts';
import type { RunProgress } from '../../core/run/progress.ts';
import { CliError, Interrupted } from '../terminal/cli-error.ts';
import { type ExitCode, exitCodes } from '../terminal/exit-codes.ts';
import { untilInterrupted } from '../terminal/interrupt.ts';
import { follow } from './follow.ts';
import type { Temporal } from './temporal.ts';
import type { TypedCommands } from './typed-commands.ts';

/** What came of a request. */
interface OutcomeOfRequest {
  at: string;
  text: string;
  exitCode: ExitCode;
  /** For scripts. */
  json: object;
}

/** What is waited for, and where it shows. */
export interface Awaited {
  noun: string;
  /** The last outcome; undefined when there is none. */
  last(progress: RunProgress): OutcomeOfRequest | undefined;
}

const dryRun: Awaited = {
  noun: 'dry run',
  last: ({ dryRun: done }) =>
    done && {
      at: done.at,
      text: `A repair would mend: ${describeForecast(done.found)}\nNothing was written.`,
      exitCode: exitCodes.ok,
      json: done,
    },
};

const rehearsal: Awaited = {
  noun: 'rehearsal',
  last: ({ rehearsals = [] }) => {
    const done = rehearsals.at(-1);
    return (
      done && {
        at: done.at,
        text: `Rehearsed: ${describeRehearsal(done)}\nThe source serves as before.`,
        exitCode: done.failure === null ? exitCodes.ok : exitCodes.refused,
        json: done,
      }
    );
  },
};

/** What the command of a request waits for; undefined when it returns as soon as the request is accepted. */
export function awaitedOf(
  command: keyof typeof requests,
  options: { dryRun?: boolean; signal?: boolean },
): Awaited | undefined {
  if (options.signal) return undefined;
  if (options.dryRun) return dryRun;
  return requests[command] === requests.rehearse ? rehearsal : undefined;
}

/** When the last outcome was there: it is not the answer to a request that is still to be sent. */
export async function earlierOutcome(
  handle: WorkflowHandle,
  awaited: Awaited | undefined,
): Promise<string | undefined> {
  if (!awaited) return undefined;
  // a worker that does not answer will not take the request either, which is said then
  const progress = await handle.query<RunProgress>(queries.progress).catch(() => undefined);
  return progress && awaited.last(progress)?.at;
}

/**
 * Waits until what a request has begun is over.
 * @param options.earlier when the outcome before it was there
 * @throws CliError when the run ends first; Interrupted, and it goes on
 */
export async function untilOutcome(
  temporal: Temporal,
  awaited: Awaited,
  options: {
    handle: WorkflowHandle;
    taskQueue: string;
    earlier: string | undefined;
    commands: TypedCommands;
  },
): Promise<OutcomeOfRequest> {
  const { handle, earlier, commands } = options;
  let found: OutcomeOfRequest | undefined;
  let silence: string | undefined;
  try {
    await untilInterrupted(async (controller) => {
      const done = new AbortController();
      const signal = AbortSignal.any([controller.signal, done.signal]);
      const onState = (state: { progress: RunProgress | undefined; silence: string | undefined }) => {
        if (state.silence && state.silence !== silence) process.stderr.write(`${state.silence}\n`);
        silence = state.silence;
        const outcome = state.progress && awaited.last(state.progress);
        if (!outcome || outcome.at === earlier) return;
        found = outcome;
        done.abort();
      };
      await follow(temporal, options, { signal, onState }).catch((error) => {
        if (!found) throw error;
      });
    });
  } catch (error) {
    if (error instanceof Interrupted)
      process.stderr.write(
        `\nThe ${awaited.noun} goes on. What comes of it is shown by:\n  ${commands.watch(handle.workflowId)}\n`,
      );
    throw error;
  }
  if (found) return found;
  const hint = `To see how: ${commands.watch(handle.workflowId)}`;
  throw new CliError(`The run ended before the ${awaited.noun} was done.`, hint, exitCodes.refused);
}
