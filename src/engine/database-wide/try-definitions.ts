/** Whether a server of another version takes what a source has: it is asked, in a database that is made for it. */
import type { MigrateDatabaseConfig } from '../../core/contract/contract.ts';
import { type Tried, trialFindings, untried } from '../../core/plan/trial.ts';
import { indexKey, unsupportedIndex } from '../../core/settings/indexes.ts';
import { safeSettings, settingsForecast } from '../../core/settings/settings.ts';
import type { Database } from '../../ravendb/connection/database.ts';
import { RavenError } from '../../ravendb/connection/errors.ts';
import { databaseRecord } from '../../ravendb/requests/databases.ts';
import { definitionsOf } from '../../ravendb/requests/indexes.ts';
import { serverInfo } from '../../ravendb/requests/server.ts';
import { allOrOneByOne } from '../work/one-by-one.ts';
import { createSample, removeSample, sampleDatabase, whyNoSample } from '../work/sample-database.ts';
import { openPair, type Work } from '../work/work.ts';
import { alignIndexes } from './indexes.ts';
import { copySettings } from './settings.ts';

/**
 * Creates every index and setting of the source in an empty sharded database on the target's server, and deletes it
 * again. Touches neither source nor target. May be repeated.
 * @param input.mayBeFirst whether a server that never had a database may become a cluster by it: the target would be next
 * @throws RavenError
 */
export async function tryDefinitions(
  work: Work,
  input: MigrateDatabaseConfig & { mayBeFirst: boolean },
): Promise<Tried> {
  const { source, target } = openPair(work, input);
  const why = await whyNoSample(target.connection, input.mayBeFirst);
  if (why) return untried(why);
  const record = (await databaseRecord(source)) ?? {};
  const [{ version, licenseFlags }, exists] = await Promise.all([
    serverInfo(target.connection),
    databaseRecord(target),
  ]);
  const sample = sampleDatabase(work, input.target);
  // one that is there has settings already
  const refusedKeys = await createWith(sample, exists ? {} : safeSettings(record));
  const settings = await copySettings(work, {
    source: input.source,
    target: { ...input.target, database: sample.name, allowExistingData: false },
  });
  const { refused } = await alignIndexes({ source, target: sample }, true);
  await removeSample(work, input.target);
  const definitions = definitionsOf({ DatabaseName: source.name, ...record }).filter(
    (index) => !unsupportedIndex(index),
  );
  const foreseen = new Set(settingsForecast(record, licenseFlags).map(({ setting }) => setting));
  return trialFindings({
    version,
    refusedKeys,
    indexes: definitions.length,
    refusedIndexes: new Map(
      definitions.flatMap(({ Name }): [string, string][] => {
        const line = refused.get(indexKey(Name));
        return line === undefined ? [] : [[Name, line]];
      }),
    ),
    refusedSettings: settings.filter(
      ({ outcome, setting }) => outcome === 'refused' && !foreseen.has(setting),
    ),
  });
}

/** @returns RavenDB's reason for each setting that it refuses, by key */
async function createWith(sample: Database, settings: Record<string, string>): Promise<Map<string, string>> {
  const create = (some: readonly [string, string][]) =>
    createSample(sample, { shards: 1, replicationFactor: 1, settings: Object.fromEntries(some) });
  const entries = Object.entries(settings);
  const refused = await allOrOneByOne(entries, create, isLasting);
  // whatever the last of these tries was about
  const taken = entries.filter((entry) => !refused.has(entry));
  if (refused.size > 0 || entries.length === 0) await create(taken);
  return new Map([...refused].map(([[key], why]) => [key, why]));
}

function isLasting(error: unknown): error is RavenError {
  return error instanceof RavenError && !error.retryable;
}
