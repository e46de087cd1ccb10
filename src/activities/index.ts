/** Every activity of the worker. Workflows know them by this type alone. */
import { catchUpActivities } from '../engine/catch-up/catch-up.ts';
import { judgeActivities } from '../engine/compare/compare-databases.ts';
import { countingActivities } from '../engine/compare/count-databases.ts';
import { readingActivities } from '../engine/compare/read-parts.ts';
import { samplingActivities } from '../engine/compare/sample-databases.ts';
import { dumpActivities } from '../engine/copy/copy-by-dump.ts';
import { copyActivities } from '../engine/copy/copy-pieces.ts';
import { freezeActivities } from '../engine/cutover/quiet.ts';
import { settingsActivities } from '../engine/database-wide/settings.ts';
import { exportActivities } from '../engine/files/export-dump.ts';
import { importActivities } from '../engine/files/import-files.ts';
import { inspectActivities } from '../engine/files/inspect-files.ts';
import { planVerificationActivities } from '../engine/plan/check-comparison.ts';
import { sampleActivities } from '../engine/plan/copy-sample.ts';
import { forecastActivities } from '../engine/plan/forecast-shards.ts';
import { planActivities } from '../engine/plan/plan.ts';
import { targetActivities } from '../engine/prepare/prepare.ts';
import { syncActivities } from '../engine/prepare/sync-note.ts';
import { repairActivities } from '../engine/repair/repair.ts';
import { realignActivities } from '../engine/repair/surplus-documents.ts';
import { replicationActivities } from '../engine/replication/replication-task.ts';
import { verifyChangesActivities } from '../engine/verify/verify-changes.ts';
import { verifyActivities } from '../engine/verify/verify-migration.ts';
import type { Environment } from './perform.ts';
import { reportActivities } from './report.ts';

export type { BothSides } from '../engine/compare/read-parts.ts';
export { type DumpFile, hostTaskQueue } from '../engine/copy/copy-by-dump.ts';
export type { WrittenDump } from '../engine/files/export-dump.ts';
export type { ImportedFiles } from '../engine/files/import-files.ts';
export type { Sampling } from '../engine/plan/copy-sample.ts';
export type { SourceForecast } from '../engine/plan/forecast-shards.ts';
export type { Repaired, RepairInput } from '../engine/repair/repair.ts';
export type { Transfer } from '../engine/transfer/transfer.ts';
export type { Environment } from './perform.ts';

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
