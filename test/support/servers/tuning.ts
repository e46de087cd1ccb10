/** What the product goes by in tests: a tenth of the waits or less, for what is waited for is the same. */
import type { TuningOverride } from '../../../src/config/tuning.ts';

const testTuning = {
  activity: { heartbeatMs: 250, cutOffMs: 6_000, contactWithinMs: 3_000, endWithinMs: 10_000, reportMs: 300 },
  worker: { heartbeatThrottleMs: 200, stickyMs: 1_000 },
  copy: { loadMs: 1_000, refusedAgainMs: 100 },
  catchUp: { pauseMs: 100, maxPauseMs: 1_000 },
  replication: { pauseMs: 100, maxPauseMs: 500, stillMs: 3_000 },
  // both sides of most tests have more, so that they are narrowed down first
  compare: { settleMs: 1_000, tellMs: 200, idsAtATime: 100 },
  repair: { oneByOne: 150 },
  cutover: { quietLookMs: 100, watchLateMs: 200 },
  plan: { sourceWatchMs: 200, writesWatchMs: 1_000 },
  cli: { followMs: 250, silenceMs: 2_000, answerWithinMs: 3_000, failsWithinMs: 2_000, lineMs: 1_000 },
} satisfies TuningOverride;

/**
 * The variable that gives it to a worker.
 * @param more over it, group by group
 */
export function tuningVariable(more: TuningOverride = {}): { SHARDLIFT_TUNING: string } {
  const all: Record<string, object> = { ...testTuning };
  for (const [group, values] of Object.entries(more)) all[group] = { ...all[group], ...values };
  return { SHARDLIFT_TUNING: JSON.stringify(all) };
}
