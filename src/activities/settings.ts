import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { promisify } from 'node:util';
import { gunzip, gzip } from 'node:zlib';
import type { MigrateDatabaseConfig } from '../core/contract.ts';
import { settingsAfterCopy } from '../core/settings.ts';
import { OWN_INDEX_PREFIX } from '../ravendb/indexes.ts';
import { importDump, startExport } from '../ravendb/smuggler.ts';
import { type Environment, perform, type Run } from './environment.ts';

/** What belongs to the database as a whole: indexes and settings. */
export function settingsActivities(environment: Environment) {
  return {
    /**
     * Copies index definitions, static and automatic, after the documents so that indexing does not slow the copy.
     * @returns the server's warnings: indexes that a sharded database does not take
     */
    copyIndexes: ({ source, target }: MigrateDatabaseConfig): Promise<string[]> =>
      perform(environment, async (run) => {
        const types = ['Indexes'] as const;
        const { http } = run.connection(source.connection);
        const running = await startExport(http, source.database, { types, compression: 'Gzip' });
        const exported = await buffer(running.body);
        await running.finished();
        const dump = await withoutOwnIndexes(exported);
        const into = run.connection(target.connection).http;
        const { warnings } = await importDump(into, target.database, Readable.from([dump]), { types });
        return warnings;
      }),

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

/** The index that keeps the tombstones is exported with the others, and would arrive enabled. */
async function withoutOwnIndexes(exported: Buffer): Promise<Buffer> {
  const text = (await promisify(gunzip)(exported)).toString();
  const dump: { Indexes?: { IndexDefinition?: { Name?: string } }[] } = JSON.parse(text);
  const own = (name = '') => name.startsWith(OWN_INDEX_PREFIX);
  const indexes = (dump.Indexes ?? []).filter(({ IndexDefinition }) => !own(IndexDefinition?.Name));
  return await promisify(gzip)(JSON.stringify({ ...dump, Indexes: indexes }));
}
