/** The worker of a demo or a workbench: a process of its own, as in production, which knows only the servers given here. */
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { CliError } from '../../src/cli/terminal/cli-error.ts';
import { exitCodes } from '../../src/cli/terminal/exit-codes.ts';
import { type Supervised, supervise } from '../servers/supervised.ts';

const MAX_LINE_LENGTH = 300;
const LOOK_EVERY_MS = 200;
/** Workflow code that was bundled ahead: it is ours, whoever starts the worker. */
const BUNDLE = 'SHARDLIFT_WORKFLOW_BUNDLE';

/**
 * An environment without what the user has for other work.
 * @param options.keeps names of Shardlift's variables that stay
 * @param options.ownTemporal whether Temporal's variables go, too
 * @param options.adds what is laid over it
 */
export function foreignRemoved(
  env: NodeJS.ProcessEnv,
  { keeps, ownTemporal, adds }: { keeps?: RegExp; ownTemporal: boolean; adds: NodeJS.ProcessEnv },
): NodeJS.ProcessEnv {
  const stays = (name: string) => name === BUNDLE || (keeps?.test(name) ?? false);
  const isForeign = (name: string) =>
    (name.startsWith('SHARDLIFT_') && !stays(name)) || (ownTemporal && name.startsWith('TEMPORAL_'));
  const foreign = Object.keys(env).filter(isForeign);
  return { ...env, ...Object.fromEntries(foreign.map((name) => [name, undefined])), ...adds };
}

/**
 * Starts the worker, which stops with this process, however that ends. Comes back when it polls.
 * @param options.onEnd called when it ends before it is stopped, with a sentence on why
 */
export async function startWorker(
  env: NodeJS.ProcessEnv,
  { logFile, onEnd }: { logFile: string; onEnd: (why: CliError) => void },
): Promise<Supervised> {
  const main = fileURLToPath(new URL('../../src/cli/main.ts', import.meta.url));
  const worker = await supervise({ command: process.execPath, args: [main, 'worker'], env }, logFile);
  let isStopping = false;
  let hasEnded = false;
  void worker.exited.then(async (code) => {
    hasEnded = true;
    if (!isStopping) onEnd(ended(code, await worker.lastLines()));
  });
  while (!hasEnded && !(await worker.lastLines()).includes('Worker started')) await sleep(LOOK_EVERY_MS);
  const stop = async () => {
    isStopping = true;
    await worker.stop();
  };
  return { ...worker, stop };
}

function ended(code: number, lastLines: string): CliError {
  const errors = lastLines.split('\n').filter((line) => line && !line.startsWith('{"level":30'));
  const hint = errors.map((line) => `  ${line.slice(0, MAX_LINE_LENGTH)}`).join('\n');
  return new CliError(`The worker exited with code ${code}.`, hint, exitCodes.failed);
}
