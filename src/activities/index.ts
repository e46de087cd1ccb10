/** Every activity of the worker. Workflows know them by this type alone. */
import { catchUpActivities } from './catch-up.ts';
import { copyActivities } from './copy.ts';
import { countingActivities } from './count-databases.ts';
import { dumpActivities } from './dump.ts';
import type { Environment } from './environment.ts';
import { exportActivities } from './export-dump.ts';
import { forecastActivities } from './forecast.ts';
import { freezeActivities } from './freeze.ts';
import { importActivities } from './import-files.ts';
import { inspectActivities } from './inspect-files.ts';
import { judgeActivities } from './judge-databases.ts';
import { planActivities } from './plan.ts';
import { planVerificationActivities } from './plan-verification.ts';
import { readingActivities } from './read-sides.ts';
import { realignActivities } from './realign.ts';
import { repairActivities } from './repair.ts';
import { replicationActivities } from './replication.ts';
import { reportActivities } from './report.ts';
import { sampleActivities } from './sample.ts';
import { samplingActivities } from './sample-databases.ts';
import { settingsActivities } from './settings.ts';
import { syncActivities } from './sync-note.ts';
import { targetActivities } from './target.ts';
import { verifyActivities } from './verify.ts';
import { verifyChangesActivities } from './verify-changes.ts';

export { type DumpFile, hostTaskQueue } from './dump.ts';
export type { Environment } from './environment.ts';
export type { WrittenDump } from './export-dump.ts';
export type { SourceForecast } from './forecast.ts';
export type { ImportedFiles } from './import-files.ts';
export type { BothSides } from './read-sides.ts';
export type { Repaired, RepairInput } from './repair.ts';
export type { Sampling } from './sample.ts';
export type { Transfer } from './transfer.ts';

/** The activities over their dependencies. */
export function createActivities(environment: Environment) {
  return {
    ...planActivities(environment),
    ...forecastActivities(environment),
    ...sampleActivities(environment),
    ...targetActivities(environment),
    ...copyActivities(environment),
    ...realignActivities(environment),
    ...dumpActivities(environment),
    ...exportActivities(environment),
    ...inspectActivities(environment),
    ...importActivities(environment),
    ...syncActivities(environment),
    ...settingsActivities(environment),
    ...catchUpActivities(environment),
    ...replicationActivities(environment),
    ...readingActivities(environment),
    ...verifyActivities(environment),
    ...verifyChangesActivities(environment),
    ...planVerificationActivities(environment),
    ...judgeActivities(environment),
    ...samplingActivities(environment),
    ...countingActivities(environment),
    ...repairActivities(environment),
    ...freezeActivities(environment),
    ...reportActivities(environment),
  };
}

/** What a workflow may call. */
export type Activities = ReturnType<typeof createActivities>;
