/** How the workflow types differ as runs: what people call them, and which request each takes in which phase. */
import type { RequestName, WorkflowType } from '../contract/contract.ts';
import type { WorkingPhase } from '../contract/phases.ts';

/** What people call a run of a type. */
export const nounOf: Record<WorkflowType, string> = {
  migrateDatabase: 'migration',
  cutOver: 'cutover',
  rehearseCutover: 'rehearsal',
  replicateDatabase: 'migration',
  syncDatabase: 'copy',
  exportDatabase: 'export',
  importDump: 'import',
  importBackup: 'import',
  verifyDatabases: 'comparison',
  planMigration: 'plan',
  removeLeftovers: 'cleanup',
};

type Phases = readonly WorkingPhase[];

/** The phases in which a request is allowed. A type does not have the requests that are not listed. */
export type Allowed = Partial<Record<RequestName, Phases>>;

const copying: Phases = ['planning', 'preparing', 'copying', 'catching-up', 'verifying'];
/** The same of a target that something else has filled. */
const joining: Phases = copying.filter((phase) => phase !== 'copying');
const waiting: Phases = ['awaiting-approval'];
const frozen: Phases = ['freezing', 'draining', 'final-verifying'];
const observing: Phases = ['observing'];
const importing: Phases = ['planning', 'preparing', 'importing'];
const comparing: Phases = ['planning', 'reading', 'comparing', 'awaiting-repair'];

function interruptible(phases: Phases): Allowed {
  return { pause: phases, resume: phases, abort: phases };
}

/**
 * Of a runbook that ends with a cutover.
 * @param before the phases that come before somebody is asked
 * @param after the phases in which items flow after the cutover
 */
function withCutover(before: Phases, after: Phases = []): Allowed {
  return {
    ...interruptible([...before, ...waiting]),
    abort: [...before, ...waiting, ...frozen],
    throttle: before,
    approveCutover: waiting,
    rejectCutover: waiting,
    repair: waiting,
    skip: [...before, ...waiting, ...after],
  };
}

/** What only a fence allows. */
const behindFence: Allowed = { rehearse: waiting, complete: observing, rollBack: observing };
const fileImport: Allowed = {
  ...interruptible([...importing, 'verifying']),
  throttle: importing,
  skip: [...importing, 'verifying'],
};

/** Types that have no source to correct an item on: they wait at their end until it is skipped. */
export const fromFiles: ReadonlySet<WorkflowType> = new Set(['importDump', 'importBackup']);

/** Which request each type takes, and when. */
export const allowedIn: Record<WorkflowType, Allowed> = {
  migrateDatabase: { ...withCutover(copying, observing), ...behindFence },
  cutOver: { ...withCutover(joining, observing), ...behindFence },
  rehearseCutover: {
    ...interruptible(joining),
    abort: [...joining, ...frozen],
    throttle: joining,
    skip: joining,
  },
  replicateDatabase: withCutover(copying),
  syncDatabase: { ...interruptible(copying), throttle: copying, skip: copying },
  exportDatabase: interruptible(['planning', 'exporting']),
  importDump: fileImport,
  importBackup: fileImport,
  verifyDatabases: {
    ...interruptible(comparing),
    throttle: ['planning', 'reading'],
    repair: ['awaiting-repair'],
  },
  planMigration: interruptible(['planning', 'forecasting', 'sampling']),
  removeLeftovers: interruptible(['planning', 'removing']),
};

/** The phases whose work a limit of speed slows. */
export const limitedIn: Record<WorkflowType, Phases> = {
  migrateDatabase: ['copying', 'verifying'],
  cutOver: ['verifying'],
  rehearseCutover: ['verifying'],
  replicateDatabase: [],
  syncDatabase: ['copying', 'verifying'],
  exportDatabase: [],
  importDump: ['importing'],
  importBackup: ['importing'],
  verifyDatabases: ['reading'],
  planMigration: [],
  removeLeftovers: [],
};
