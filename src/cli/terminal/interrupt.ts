import { Interrupted } from './cli-error.ts';
import { exitCodes } from './exit-codes.ts';

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** One Ctrl-C arrives twice under `npm run`: from the terminal, and forwarded by npm. */
const SAME_KEYSTROKE_MS = 500;

/**
 * Runs work that shuts down in order when the process gets a signal: its controller is aborted with `Interrupted`.
 * A second signal exits immediately.
 */
export async function untilInterrupted<T>(work: (controller: AbortController) => Promise<T>): Promise<T> {
  const controller = new AbortController();
  let firstAt: number | undefined;
  const stop = () => {
    firstAt ??= Date.now();
    if (Date.now() - firstAt > SAME_KEYSTROKE_MS) process.exit(exitCodes.interrupted);
    controller.abort(new Interrupted());
  };
  for (const signal of signals) process.on(signal, stop);
  try {
    return await work(controller);
  } finally {
    for (const signal of signals) process.off(signal, stop);
  }
}
