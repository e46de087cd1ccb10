/** A schedule of Temporal as a page of the documentation prints it: input and commands are read from there and run. */
import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import type { WorkflowHandle } from '@temporalio/client';
import { type Stack, until } from './stack.ts';
import { temporalDirectory } from './temporal-cli.ts';

/** What a page prints, and what a test puts in its place. */
export interface Printed {
  /** The text of the page, or of its section. */
  text: string;
  /** The name of the schedule, which begins the ids of its runs. */
  id: string;
  /** The file with the input of a run. */
  file: string;
  /** Given the printed input. @returns what the runs get instead */
  input(printed: string): object;
}

/** Runs what is printed under a name and on a queue of the test's own. */
export class PrintedSchedule {
  readonly id: string;
  /** The input of each run. */
  readonly input: object;
  readonly #stack: Stack;
  readonly #printed: Printed;
  readonly #path: string;

  private constructor(stack: Stack, printed: Printed, input: object, path: string) {
    this.id = stack.databaseName(printed.id);
    this.input = input;
    this.#stack = stack;
    this.#printed = printed;
    this.#path = path;
  }

  /** Reads the page, and writes the file with the input. */
  static async of(stack: Stack, printed: Printed): Promise<PrintedSchedule> {
    const [, json] = /```json\n(.+?)```/s.exec(printed.text) ?? [];
    if (!json) throw new Error('the page shows no input');
    const input = printed.input(json);
    await writeFile(join(stack.directory, printed.file), JSON.stringify(input));
    const path = [await temporalDirectory(), process.env.PATH].join(delimiter);
    return new PrintedSchedule(stack, printed, input, path);
  }

  /** Runs the printed command that begins so. @returns what it prints. @throws with what it prints on stderr */
  async run(verb: string): Promise<string> {
    const { text, id } = this.#printed;
    const [command] = text.match(new RegExp(`^temporal ${verb}.*$`, 'm')) ?? [];
    if (!command) throw new Error(`the page does not say how to ${verb}`);
    const mine = command
      .replaceAll(new RegExp(`\\b${id}(?!\\.json)\\b`, 'g'), this.id)
      .replace('--task-queue shardlift', `--task-queue ${this.#stack.taskQueue}`);
    const env = { ...this.#stack.environment(), PATH: this.#path };
    const { stdout } = await promisify(execFile)('bash', ['-c', mine], { cwd: this.#stack.directory, env });
    return stdout;
  }

  /** Triggers a run once the schedule knows that the one before has ended: it would leave this one out. */
  async trigger(): Promise<WorkflowHandle> {
    const { schedule, workflow } = this.#stack.client;
    const handle = schedule.getHandle(this.id);
    const runs = async () =>
      (await handle.describe()).info.recentActions.map(({ action }) => action.workflow);
    await until('no run is at work', async () => (await handle.describe()).info.runningActions.length === 0);
    const before = (await runs()).map(({ firstExecutionRunId }) => firstExecutionRunId);
    await this.run('schedule trigger');
    let started: Awaited<ReturnType<typeof runs>> = [];
    await until('the schedule has started a run', async () => {
      started = (await runs()).filter((run) => !before.includes(run.firstExecutionRunId));
      return started.length > 0;
    });
    const [run] = started;
    return workflow.getHandle(run?.workflowId ?? '', run?.firstExecutionRunId);
  }

  /** Triggers a run, and gives what it returns. @throws what it failed with */
  async result<Result>(): Promise<Result> {
    return (await (await this.trigger()).result()) as Result;
  }
}
