import { setTimeout as sleep } from 'node:timers/promises';
import type { Supervised } from './supervised.ts';

const READY_TIMEOUT_MS = 60_000;
const POLL_MS = 100;

/**
 * Waits until `probe` succeeds, at most 60 s. If the server exits or does not answer in time, or `signal` is aborted, it
 * kills the server and throws an error with the last lines of its log, or the signal's reason.
 */
export async function untilReady(
  title: string,
  server: Supervised,
  probe: () => Promise<unknown>,
  signal?: AbortSignal,
): Promise<void> {
  const deadline = Date.now() + READY_TIMEOUT_MS;
  let exitCode: number | undefined;
  void server.exited.then((code) => {
    exitCode = code;
  });
  let reason = '';
  while (Date.now() < deadline && exitCode === undefined && !signal?.aborted) {
    try {
      await probe();
      return;
    } catch (error) {
      reason = (error as Error).message;
    }
    await sleep(POLL_MS);
  }
  const output = await server.lastLines();
  await server.kill();
  signal?.throwIfAborted();
  const what =
    exitCode === undefined
      ? `did not answer within ${READY_TIMEOUT_MS / 1000} s (${reason})`
      : `exited with code ${exitCode} while starting`;
  throw new Error(`${title} ${what}. The last lines of its log:\n${output}`);
}
