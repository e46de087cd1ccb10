/** Every activity of the worker. Workflows know them by this type alone. */
import { catchUpActivities } from './catch-up.ts';
import { copyActivities } from './copy.ts';
import { dumpActivities } from './dump.ts';
import type { Environment } from './environment.ts';
import { freezeActivities } from './freeze.ts';
import { planActivities } from './plan.ts';
import { realignActivities } from './realign.ts';
import { reportActivities } from './report.ts';
import { settingsActivities } from './settings.ts';
import { targetActivities } from './target.ts';
import { verifyActivities } from './verify.ts';

export { type DumpFile, hostTaskQueue } from './dump.ts';
export type { Environment } from './environment.ts';
export type { Transfer } from './transfer.ts';

/** The activities over their dependencies. */
export function createActivities(environment: Environment) {
  return {
    ...planActivities(environment),
    ...targetActivities(environment),
    ...copyActivities(environment),
    ...realignActivities(environment),
    ...dumpActivities(environment),
    ...settingsActivities(environment),
    ...catchUpActivities(environment),
    ...verifyActivities(environment),
    ...freezeActivities(environment),
    ...reportActivities(environment),
  };
}

/** What a workflow may call. */
export type Activities = ReturnType<typeof createActivities>;
