/** Migrations that are brought into a phase, and kept there. */
import type { MigrationPhase } from '../../../src/core/contract/phases.ts';
import { different, equal, type Outcome, type Verification } from './healthy.ts';
import { type Hold, hold } from './hold.ts';
import { migration } from './inputs.ts';
import { type Run, type StartOptions, start } from './run.ts';

/** What is held so that a migration stays in a phase. The approval is waited for anyway. */
const holding: Record<MigrationPhase, () => Hold | undefined> = {
  planning: () => hold('plan'),
  preparing: () => hold('createTarget'),
  copying: () => hold('copyPiece'),
  'catching-up': () => hold('catchUp', { when: ({ until }) => until === 'close' }),
  verifying: () => hold('readPart'),
  'awaiting-approval': () => undefined,
  freezing: () => hold('proveQuiet'),
  draining: () => hold('catchUp', { when: ({ until }) => until === 'equal' }),
  'final-verifying': () => hold('copySettings'),
  observing: () => undefined,
  'rolling-back': () => hold('drainBack'),
  completing: () => hold('releaseTombstones'),
};

/** Phases that come after the approval. */
export const AFTER_APPROVAL: ReadonlySet<MigrationPhase> = new Set([
  'freezing',
  'draining',
  'final-verifying',
  'observing',
  'rolling-back',
  'completing',
]);

/** Phases that only a cutover behind a fence has. */
const WAY_BACK: ReadonlySet<MigrationPhase> = new Set(['observing', 'rolling-back']);

function inputFor(phase: MigrationPhase): unknown {
  return WAY_BACK.has(phase) ? { ...migration, freeze: 'fence' } : migration;
}

/** How a migration begins. */
export type MigrationOptions = StartOptions & { input?: unknown };

/** A migration that stays in a phase until it is let go. */
export interface Standing {
  run: Run;
  /** Lets it go on. */
  release(): void;
}

/** Starts a migration and brings it into a phase. */
export async function migrationIn(
  phase: MigrationPhase,
  { input = inputFor(phase), holds = [], ...options }: MigrationOptions = {},
): Promise<Standing> {
  const held = holding[phase]();
  const run = await start('migrateDatabase', input, { ...options, holds: held ? [...holds, held] : holds });
  if (AFTER_APPROVAL.has(phase)) {
    await run.reaches('awaiting-approval');
    if (options.shared) await followsNothing(run, 'catchUp');
    await run.request('approveCutover');
  }
  if (phase === 'rolling-back') {
    await run.reaches('observing');
    if (options.shared) await followsNothing(run, 'flowBack');
    await run.request('rollBack');
  }
  if (held) await run.until(`${phase} is held`, () => held.held > 0);
  await run.reaches(phase);
  return { run, release: () => held?.release() };
}

function followsNothing(run: Run, name: 'catchUp' | 'flowBack'): Promise<void> {
  return run.until('it has nothing to follow', () => run.isWaitingForRetry(name));
}

/** A migration whose target serves, and flows back. */
export async function observing(options: MigrationOptions = {}): Promise<Run> {
  const { run } = await migrationIn('observing', options);
  await run.calledFor('flowBack');
  return run;
}

/** What `verifyMigration` finds, comparison by comparison; the last is found for ever. */
export function finds(...found: Verification[]) {
  let comparison = 0;
  return async ({ from }: { from: Outcome<'readPosition'> }): Promise<Outcome<'verifyMigration'>> => {
    const verification = found[Math.min(comparison++, found.length - 1)] ?? equal();
    return { verification, position: from };
  };
}

/** A migration whose first comparison has found a difference; later ones find what is said. */
export async function migrationThatDiffers(
  later: Verification[] = [different()],
  { input = migration, activities = {}, ...options }: MigrationOptions = {},
): Promise<Run> {
  const run = await start('migrateDatabase', input, {
    ...options,
    activities: { verifyMigration: finds(different(), ...later), ...activities },
  });
  await run.reaches('awaiting-approval');
  return run;
}
