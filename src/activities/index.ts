import type { Mutex } from '../engine/work/one-at-a-time.ts';
import type { Work } from '../engine/work/work.ts';
import { catchUpActivities } from './catch-up.ts';
import { cleanupActivities } from './cleanup.ts';
import { compareActivities } from './compare.ts';
import { copyActivities } from './copy.ts';
import { cutoverActivities } from './cutover.ts';
import { fileActivities } from './files.ts';
import { type Environment, perform } from './perform.ts';
import { planActivities } from './plan.ts';
import { prepareActivities } from './prepare.ts';
import { repairActivities } from './repair.ts';
import { replicationActivities } from './replication.ts';
import { reportActivities } from './report.ts';
import { settingsActivities } from './settings.ts';
import { verifyActivities } from './verify.ts';

export type { Environment } from './perform.ts';

const engine = {
  ...planActivities,
  ...prepareActivities,
  ...copyActivities,
  ...catchUpActivities,
  ...replicationActivities,
  ...settingsActivities,
  ...compareActivities,
  ...verifyActivities,
  ...repairActivities,
  ...cutoverActivities,
  ...fileActivities,
  ...reportActivities,
  ...cleanupActivities,
};

/** What a workflow may call: the functions of the engine without their first parameter. */
export type Activities = {
  [Name in keyof typeof engine]: (
    input: Parameters<(typeof engine)[Name]>[1],
  ) => ReturnType<(typeof engine)[Name]>;
};

/** What a workflow asks the worker that runs it. */
export interface LocalActivities {
  /** Whether the namespace knows the search attributes. */
  hasSearchAttributes(): Promise<boolean>;
}

/**
 * The activities over their dependencies.
 * @param turns where they are done one after another
 */
export function createActivities(environment: Environment, turns?: Mutex): Activities {
  return bind(environment, engine as Record<string, EngineFunction>, turns) as Activities;
}

type EngineFunction = (work: Work, input: unknown) => Promise<unknown>;

function bind(
  environment: Environment,
  functions: Record<string, EngineFunction>,
  turns?: Mutex,
): Record<string, (input: unknown) => Promise<unknown>> {
  const bound = Object.entries(functions).map(([name, run]) => [
    name,
    (input: unknown) => perform(environment, (work) => run(work, input), turns),
  ]);
  return Object.fromEntries(bound);
}
