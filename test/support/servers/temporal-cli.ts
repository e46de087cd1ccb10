/** Temporal's own command line, as a person without our program uses it. */
import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { dirname } from 'node:path';
import { promisify } from 'node:util';
import type { WorkflowHandle } from '@temporalio/client';
import { locateTemporal } from '../../../dev/servers/index.ts';
import type { Stack } from './stack.ts';

/** Runs `temporal` with arguments, and gives what it prints. @throws with what it prints on stderr */
export async function temporal(stack: Stack, ...args: string[]): Promise<string> {
  const { command } = await locateTemporal({});
  const { stdout } = await promisify(execFile)(command, args, {
    cwd: stack.directory,
    env: stack.environment(),
  });
  return stdout;
}

/** The directory of the command, for a PATH. */
export async function temporalDirectory(): Promise<string> {
  return dirname((await locateTemporal({})).command);
}

/** A workflow that was started by the command line alone. */
export interface Started<Result> {
  id: string;
  handle: WorkflowHandle;
  /** What it returns, as the command line prints it. */
  result(): Promise<Result>;
  /** The type and message of the failure that it ends with. */
  failure(): Promise<{ type: string; message: string }>;
}

/** Starts a workflow of a type. */
export async function startByCli<Result>(
  stack: Stack,
  type: string,
  input: unknown,
): Promise<Started<Result>> {
  const id = `${type}-${randomUUID().slice(0, 8)}`;
  await temporal(
    stack,
    ...['workflow', 'start', '--type', type, '--task-queue', stack.taskQueue, '--workflow-id', id],
    ...['--fail-existing', '--input', JSON.stringify(input)],
  );
  const handle = stack.client.workflow.getHandle(id);
  const reason = async () => {
    try {
      await handle.result();
    } catch (error) {
      const { cause } = error as { cause?: { type?: string; message: string } };
      return { type: cause?.type ?? '', message: cause?.message ?? String(error) };
    }
    throw new Error('it completed');
  };
  return {
    id,
    handle,
    result: async () => {
      // the command line says no more than that it failed
      const printed = await temporal(stack, 'workflow', 'result', '-w', id, '--output', 'json').catch(
        async () => {
          throw new Error(`${id} failed: ${(await reason()).message}`);
        },
      );
      return (JSON.parse(printed) as { result: Result }).result;
    },
    failure: reason,
  };
}
