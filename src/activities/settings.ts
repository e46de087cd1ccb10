import type { MigrateDatabaseConfig } from '../core/contract.ts';
import { settingsAfterCopy } from '../core/settings.ts';
import { importDump, startExport } from '../ravendb/smuggler.ts';
import { type Environment, perform, type Run } from './environment.ts';
import { syncIndexes } from './sync-indexes.ts';

/** What belongs to the database as a whole: indexes and settings. */
export function settingsActivities(environment: Environment) {
  return {
    /**
     * Copies index definitions, static and automatic, after the documents so that indexing does not slow the copy.
     * @returns the server's warnings: indexes that a sharded database does not take
     */
    copyIndexes: (input: MigrateDatabaseConfig): Promise<string[]> =>
      perform(environment, (run) => syncIndexes(run, input)),

    /** Carries the settings that would have disturbed the copy. */
    applySettings: (input: MigrateDatabaseConfig): Promise<string[]> =>
      perform(environment, (run) => copyRecord(run, input, settingsAfterCopy)),
  };
}

/** Copies some items of the database record. @returns the server's warnings */
export async function copyRecord(
  run: Run,
  { source, target }: MigrateDatabaseConfig,
  recordTypes: readonly string[],
): Promise<string[]> {
  const options = { types: ['DatabaseRecord'], recordTypes } as const;
  const running = await startExport(run.connection(source.connection).http, source.database, options);
  const into = run.connection(target.connection).http;
  const { warnings } = await importDump(into, target.database, running.body, options);
  await running.finished();
  return warnings;
}
