/** The phases of every workflow type, by the names that people and searches match on. */

/** The runbook of a migration, in order. */
export const workingPhases = [
  'planning',
  'preparing',
  'copying',
  'catching-up',
  'verifying',
  'awaiting-approval',
  'freezing',
  'draining',
  'final-verifying',
  'completing',
] as const;

/** The phases of an export, in order. */
export const exportPhases = ['planning', 'exporting', 'completing'] as const;

/** The phases of an import, in order. */
export const importPhases = ['planning', 'preparing', 'importing', 'verifying', 'completing'] as const;

/** The phases of a comparison of two databases, in order; a run that compares less skips some. */
export const verifyPhases = ['planning', 'reading', 'comparing', 'awaiting-repair', 'completing'] as const;

/** The phases of a plan, in order. */
export const planPhases = ['planning', 'forecasting', 'sampling', 'completing'] as const;

/** How a run can end. */
export const finalPhases = ['completed', 'rejected', 'aborted', 'canceled', 'failed'] as const;

export type WorkingPhase = (typeof workingPhases)[number];
export type FinalPhase = (typeof finalPhases)[number];
export type Phase = WorkingPhase | FinalPhase;

export type JobPhase =
  | (typeof exportPhases)[number]
  | (typeof importPhases)[number]
  | (typeof verifyPhases)[number]
  | (typeof planPhases)[number]
  | FinalPhase;

/** Whether a phase is an end. */
export function isFinal(phase: string): phase is FinalPhase {
  return (finalPhases as readonly string[]).includes(phase);
}

/** Whether the source is frozen, so that only what ends the downtime is allowed. */
export function isFrozen(phase: Phase): boolean {
  return phase === 'freezing' || phase === 'draining' || phase === 'final-verifying';
}
