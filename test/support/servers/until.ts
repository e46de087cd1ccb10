import { setTimeout as sleep } from 'node:timers/promises';

/** Each look may cost the worker under test a task of its workflow: what takes long is looked at ever more rarely. */
const SHORTEST_PAUSE_MS = 25;
const LONGEST_PAUSE_MS = 250;

/**
 * Waits for something, for 150 seconds at most unless told otherwise.
 * @param seen what to say when it waited in vain
 */
export async function until(
  what: string,
  holds: () => Promise<boolean>,
  timeoutMs = 150_000,
  seen?: () => string,
): Promise<void> {
  const deadline = Date.now() + timeoutMs;
  for (
    let pauseMs = SHORTEST_PAUSE_MS;
    !(await holds());
    pauseMs = Math.min(pauseMs * 1.3, LONGEST_PAUSE_MS)
  ) {
    if (Date.now() > deadline) throw new Error(`waited in vain until ${what}${seen ? `: ${seen()}` : ''}`);
    await sleep(pauseMs);
  }
}
