/** What a freeze of the source would break off, or have wait. */
import { formatCount, formatSeconds } from '../text/format.ts';

/** Work on the source that a freeze would break off. */
export interface RunningOperation {
  /** RavenDB's name of the type, such as `UpdateByQuery`. */
  type: string;
  /** What it works on. */
  description: string;
  /** ISO time. */
  startedAt: string;
}

/** What is accepted. */
interface Bounds {
  /** An operation that has run for longer is waited for: a short one is a writer like any other. */
  longOperationMs: number;
  /** Changes that the target may lack when the source is frozen. */
  mostLag: number;
}

/** What keeps the source from being frozen now, a sentence each. @param lag changes that the target lacks */
export function hindrancesOf(
  { operations, lag }: { operations: readonly RunningOperation[]; lag: number },
  { longOperationMs, mostLag }: Bounds,
  now: number,
): string[] {
  const long = operations.filter(({ startedAt }) => now - Date.parse(startedAt) > longOperationMs);
  const broken = long.map(({ type, description, startedAt }) => {
    const seconds = formatSeconds(Math.round((now - Date.parse(startedAt)) / 1000));
    return `${type}${description && ` (${description})`} has been running on the source for ${seconds}, and the freeze would break it off.`;
  });
  if (lag <= mostLag) return broken;
  return [
    ...broken,
    `The target lacks ${formatCount(lag)} changes, and the application would wait for them.`,
  ];
}
