/** What a phase means to those who wait. */
import { isFrozen, type Phase } from '../core/contract/phases.ts';

/** Work goes on, the run waits for people, or writers wait for it. */
export type PhaseKind = 'work' | 'wait' | 'outage';

/** Days beside minutes of work. */
const WAITING: ReadonlySet<Phase> = new Set(['awaiting-approval', 'awaiting-repair', 'observing']);

export function kindOf(phase: Phase): PhaseKind {
  if (WAITING.has(phase)) return 'wait';
  return isFrozen(phase) || phase === 'rolling-back' ? 'outage' : 'work';
}
