/** Index definitions and states. */
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { DeleteIndexOperation } from 'ravendb';
import type { Pair } from '../../core/contract/contract.ts';
import { OWN_PREFIX } from '../../core/contract/own-names.ts';
import {
  type IndexSide,
  type IndexDefinition as IndexText,
  indexKey,
  lockOf,
  priorityOf,
} from '../../core/settings/indexes.ts';
import { askEach } from '../connection/ask-each.ts';
import type { Database } from '../connection/database.ts';
import { decompressed } from '../dump/dump-bytes.ts';
import { DumpScanner } from '../dump/dump-scanner.ts';
import { importDump, startExport } from '../smuggler/smuggler.ts';
import { type DatabaseRecord, databaseRecord, shardNumbers } from './databases.ts';

/**
 * The indexes of a database, static and automatic, without the product's own; undefined when there is no database.
 * Definitions come from the record, since an export leaves some fields out. Whether an index runs comes from the
 * status: one that is disabled on a single node is `Normal` in the record and in `GET /indexes`.
 * @throws RavenError
 */
export async function readIndexes(database: Database): Promise<IndexSide | undefined> {
  const record = await databaseRecord(database);
  if (!record) return undefined;
  const states = await askEach(database.http.tuning, statusPaths(record), (path) =>
    indexStates(database, path),
  );
  const definitions = definitionsOf(record);
  const having = (state: string, where: 'some' | 'every') =>
    new Set(
      definitions
        .map(({ Name }) => indexKey(Name))
        .filter((key) => states[where]((shard) => shard.get(key) === state)),
    );
  return {
    definitions,
    disabled: having('Disabled', 'every'),
    partlyDisabled: having('Disabled', 'some'),
    paused: having('Paused', 'some'),
    plain: shardNumbers(record).length === 0,
  };
}

/** The definitions in a record, without the product's own. */
export function definitionsOf(record: DatabaseRecord): IndexText[] {
  const all = (field: string, automatic: boolean) =>
    Object.values((record[field] ?? {}) as Record<string, IndexText>).map((index) => ({
      ...index,
      automatic,
    }));
  return [...all('Indexes', false), ...all('AutoIndexes', true)].filter(
    ({ Name }) => !Name.startsWith(OWN_PREFIX),
  );
}

/** A sharded database answers for one shard and node at a time, so each shard is asked on its first member. */
function statusPaths({ Sharding }: DatabaseRecord): string[] {
  const shards = Object.entries(Sharding?.Shards ?? {}) as [string, { Members?: string[] }][];
  if (shards.length === 0) return ['indexes/status'];
  return shards.map(([shard, { Members }]) => {
    const query = new URLSearchParams({ nodeTag: Members?.[0] ?? '', shardNumber: shard });
    return `indexes/status?${query}`;
  });
}

async function indexStates(database: Database, path: string): Promise<Map<string, string>> {
  const { Indexes } = await database.json<{ Indexes: { Name: string; Status: string }[] }>({
    doing: 'Reading the states of indexes',
    path,
  });
  return new Map(Indexes.map(({ Name, Status }) => [indexKey(Name), Status]));
}

/**
 * Creates or replaces static indexes, all or none. The state of a definition is left out: with it the index would be
 * shown as disabled, and run.
 * @throws RavenError with the reason of the first index that the server refuses
 */
export async function putIndexes(database: Database, indexes: IndexText[]): Promise<void> {
  const Indexes = indexes.map(({ automatic, ClusterState, State, ...definition }) => ({
    ...definition,
    LockMode: lockOf({ automatic, ...definition }),
    Priority: priorityOf({ automatic, ...definition }),
  }));
  await database.json({
    doing: 'Creating indexes',
    method: 'PUT',
    path: 'admin/indexes',
    json: { Indexes },
  });
}

/**
 * Copies automatic indexes by name. Only an import creates one without a query. In a dump it is not valid JSON (a
 * comma before a brace), so its bytes are passed on unparsed.
 * @returns the server's warnings
 * @throws RavenError
 */
export async function copyAutomaticIndexes(
  { source, target }: Pair<Database>,
  names: readonly string[],
): Promise<string[]> {
  const types = ['Indexes'] as const;
  const running = await startExport(source, { types });
  const exported = await buffer(decompressed(running.body));
  await running.finished();
  const wanted = new Set(names.map(indexKey));
  const items: Buffer[] = [];
  const scanner = new DumpScanner({
    item: (section, json) => {
      if (section === 'Indexes' && wanted.has(indexKey(nameOf(json)))) items.push(json);
    },
    blob: () => undefined,
  });
  scanner.push(exported);
  const list = items.map((item) => item.toString()).join(',');
  const dump = `{"BuildVersion":${scanner.buildVersion ?? 60000},"Indexes":[${list}]}`;
  const { warnings } = await importDump(target, Readable.from([Buffer.from(dump)]), { types });
  return warnings;
}

const AUTOMATIC = '{"Type":"Auto';
const NAME = /"Name"\s*:\s*("(?:[^"\\]|\\.)*")/;

/** The index's own name comes before any other `Name`. */
function nameOf(item: Buffer): string {
  const quoted = NAME.exec(item.toString())?.[1];
  return quoted === undefined ? '' : (JSON.parse(quoted) as string);
}

/** The name of an index in a dump; undefined for an automatic index, whose name is its definition. */
export function staticIndexName(item: Buffer): string | undefined {
  return item.toString('latin1', 0, AUTOMATIC.length) === AUTOMATIC ? undefined : nameOf(item);
}

/** Deletes an index; one that is not there is fine. @throws RavenError */
export async function deleteIndex({ connection, name: database }: Database, name: string): Promise<void> {
  await connection.withClient('Deleting an index', database, (store) =>
    store.maintenance.forDatabase(database).send(new DeleteIndexOperation(name)),
  );
}

/** Sets the lock mode of static indexes. @throws RavenError */
export async function setIndexLock(database: Database, IndexNames: string[], Mode: string): Promise<void> {
  const json = { IndexNames, Mode };
  await database.json({
    doing: 'Setting the lock of indexes',
    method: 'POST',
    path: 'indexes/set-lock',
    json,
  });
}

/** Sets the priority of indexes. @throws RavenError */
export async function setIndexPriority(
  database: Database,
  IndexNames: string[],
  Priority: string,
): Promise<void> {
  const path = 'indexes/set-priority';
  const json = { IndexNames, Priority };
  await database.json({ doing: 'Setting the priority of indexes', method: 'POST', path, json });
}

/**
 * Disables or enables an index on every node and shard. One that is disabled on a single node stays disabled when the
 * cluster enables it, unless the cluster has disabled it first.
 * @throws RavenError
 */
export async function setIndexState(
  database: Database,
  name: string,
  state: 'disabled' | 'enabled',
): Promise<void> {
  const query = new URLSearchParams({ name, clusterWide: 'true' });
  const send = (action: string) =>
    database.json({
      doing: `Setting the state of an index`,
      method: 'POST',
      path: `admin/indexes/${action}?${query}`,
    });
  await send('disable');
  if (state === 'enabled') await send('enable');
}
