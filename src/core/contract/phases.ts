/** The phases of every workflow type. People and searches match on their names. */
import type { WorkflowType } from './contract.ts';

const migration = [
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

/** Before `completing`, where the way back is kept open after the cutover. */
const wayBack = ['observing', 'rolling-back'] as const;

const files = ['planning', 'preparing', 'importing', 'verifying', 'completing'] as const;

function isNoCopy(phase: (typeof migration)[number]): boolean {
  return phase !== 'copying';
}

/** The working phases of each workflow type, in order. A run that has less to do skips some. */
export const phasesOf = {
  migrateDatabase: migration,
  replicateDatabase: migration,
  cutOver: migration.filter(isNoCopy),
  rehearseCutover: migration.filter((phase) => isNoCopy(phase) && phase !== 'awaiting-approval'),
  syncDatabase: ['planning', 'preparing', 'copying', 'catching-up', 'verifying', 'completing'],
  exportDatabase: ['planning', 'exporting', 'completing'],
  importDump: files,
  importBackup: files,
  verifyDatabases: ['planning', 'reading', 'comparing', 'awaiting-repair', 'completing'],
  planMigration: ['planning', 'forecasting', 'sampling', 'completing'],
  removeLeftovers: ['planning', 'removing', 'completing'],
} as const satisfies Record<WorkflowType, readonly string[]>;

/** How a run can end. */
export const finalPhases = ['completed', 'rejected', 'rolled-back', 'aborted', 'canceled', 'failed'] as const;

export type MigrationPhase = (typeof migration | typeof wayBack)[number];
export type WorkingPhase = (typeof phasesOf)[WorkflowType][number] | MigrationPhase;
export type FinalPhase = (typeof finalPhases)[number];
export type Phase = WorkingPhase | FinalPhase;

/** The phases of a run whose cutover can be rolled back, or is. */
export function phasesWithWayBack(type: WorkflowType, isRolledBack: boolean): WorkingPhase[] {
  const [observing, rollingBack] = wayBack;
  return [...phasesOf[type].slice(0, -1), observing, ...(isRolledBack ? [rollingBack] : []), 'completing'];
}

/** Whether a phase is an end. */
export function isFinal(phase: string): phase is FinalPhase {
  return (finalPhases as readonly string[]).includes(phase);
}

/** Whether the source is frozen, so that only what ends the downtime is allowed. */
export function isFrozen(phase: Phase): boolean {
  return phase === 'freezing' || phase === 'draining' || phase === 'final-verifying';
}
