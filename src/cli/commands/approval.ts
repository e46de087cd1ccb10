/** What happens when a migration that was started here waits for approval. */
import type { WorkflowHandle } from '@temporalio/client';
import { describeVerification } from '../../core/compare/verification.ts';
import { requests } from '../../core/contract/contract.ts';
import type { RunProgress } from '../../core/run/progress.ts';
import { type Signature, sendRequest } from '../run/send-request.ts';
import type { Temporal } from '../run/temporal.ts';
import type { TypedCommands } from '../run/typed-commands.ts';
import { CliError, Interrupted } from '../terminal/cli-error.ts';
import { exitCodes } from '../terminal/exit-codes.ts';
import type { View } from '../view/view.ts';

/** Who approves: this command by itself, or the person at the terminal. */
export type ApprovalMode = 'yes' | 'ask';

/** What an approver needs. */
export interface ApproverOptions {
  mode: ApprovalMode;
  signature: Signature;
  temporal: Temporal;
  handle: WorkflowHandle;
  commands: TypedCommands;
  view: View;
  /** Ends the watching: with an error, or when somebody presses Ctrl-C at the question. */
  controller: AbortController;
  /** A no at the question ends the migration instead of leaving it waiting. */
  noMeansReject?: boolean;
}

/** A freeze that was undone this often needs a person. */
const MAX_APPROVALS = 3;

/** Handles the approval of one migration. */
export class Approver {
  readonly #options: ApproverOptions;
  #approvals = 0;
  /** The wait that was handled already, by when it began. */
  #handled = '';
  #question: AbortController | undefined;

  constructor(options: ApproverOptions) {
    this.#options = options;
  }

  /** Looks at the migration, and acts when it waits for approval. @throws CliError when `--yes` cannot go on */
  async look(progress: RunProgress): Promise<void> {
    const waits = progress.phase === 'awaiting-approval' && !progress.approval && !progress.paused;
    if (!waits) {
      this.#question?.abort();
      return;
    }
    if (this.#handled === progress.since) return;
    if (this.#options.mode === 'yes') return await this.#approveByItself(progress);
    this.#handled = progress.since;
    if (!hasMismatches(progress)) void this.#ask(progress);
  }

  async #approveByItself(progress: RunProgress): Promise<void> {
    const { commands, temporal, handle, signature, controller } = this.#options;
    const goOn = `The migration keeps waiting. Then: ${commands.request(progress.workflowId, requests.approve)}`;
    if (hasMismatches(progress)) {
      const message = `The cutover was not approved: verification found ${found(progress)}.`;
      throw new CliError(
        message,
        `Repair it (${commands.request(progress.workflowId, requests.repair)}) or correct the target; it is verified again automatically. ${goOn}`,
        exitCodes.refused,
      );
    }
    if (this.#approvals === MAX_APPROVALS) {
      const message = `Approved ${MAX_APPROVALS} times without completing. ${progress.attention ?? ''}`;
      throw new CliError(message.trim(), goOn, exitCodes.refused);
    }
    const answered = await sendRequest(temporal, handle, {
      name: requests.approve,
      signature,
      // the same again after an outage: it takes effect once
      updateId: `shardlift-yes-${this.#approvals + 1}`,
      signal: controller.signal,
    });
    if (!answered) return;
    this.#approvals++;
    this.#handled = progress.since;
  }

  /** Runs while the run is watched; the question is withdrawn when the migration has moved on. */
  async #ask(progress: RunProgress): Promise<void> {
    const { view, controller } = this.#options;
    this.#question = new AbortController();
    const resume = view.hold();
    try {
      const { confirm } = await import('@inquirer/prompts');
      const { source, freeze } = progress;
      const first =
        freeze === 'fence'
          ? `RavenDB refuses every request to "${source?.database}" from then on.`
          : `Stop every writer of "${source?.database}" first.`;
      const message = `Approve the cutover? ${first}`;
      const signal = AbortSignal.any([this.#question.signal, controller.signal]);
      const yes = await confirm({ message, default: false }, { signal, output: process.stderr });
      resume();
      await this.#decide(yes, progress.workflowId);
    } catch (error) {
      resume();
      const { name } = error as Error;
      if (name === 'AbortPromptError') return;
      controller.abort(name === 'ExitPromptError' ? new Interrupted() : error);
    } finally {
      this.#question = undefined;
    }
  }

  async #decide(yes: boolean, workflowId: string): Promise<void> {
    const { temporal, handle, signature, view, commands, noMeansReject, controller } = this.#options;
    if (!yes && !noMeansReject) {
      view.note([
        'Not approved; the target is kept up to date meanwhile. Later:',
        `  ${commands.request(workflowId, requests.approve)}`,
        `  ${commands.request(workflowId, requests.reject)}`,
      ]);
      return;
    }
    const name = yes ? requests.approve : requests.reject;
    const answered = await sendRequest(temporal, handle, { name, signature, signal: controller.signal });
    // asked again at the next look
    if (!answered) this.#handled = '';
  }
}

function hasMismatches({ verification }: RunProgress): boolean {
  return (verification?.mismatches ?? 0) > 0;
}

function found({ verification }: RunProgress): string {
  return verification ? describeVerification(verification) : 'nothing yet';
}
