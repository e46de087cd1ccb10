/** Index definitions and states. */
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { DeleteIndexOperation } from 'ravendb';
import { OWN_PREFIX } from '../../core/contract/own-names.ts';
import {
  type IndexSide,
  type IndexDefinition as IndexText,
  indexKey,
  lockOf,
  priorityOf,
} from '../../core/settings/indexes.ts';
import type { RavenConnection } from '../connection/connection.ts';
import { decompressed } from '../dump/dump-bytes.ts';
import { DumpScanner } from '../dump/dump-scanner.ts';
import { importDump, startExport } from '../smuggler/smuggler.ts';
import { type DatabaseRecord, databasePath, databaseRecord, shardNumbers } from './databases.ts';

/**
 * The indexes of a database, static and automatic, without the product's own; undefined when there is no database.
 * The record tells their definitions (an export leaves some fields out), the status tells which do not run: an index
 * that is disabled on one node only is `Normal` in the record and in `GET /indexes`.
 * @throws RavenError
 */
export async function readIndexes(
  connection: RavenConnection,
  database: string,
): Promise<IndexSide | undefined> {
  const record = await databaseRecord(connection, database);
  if (!record) return undefined;
  const states = await Promise.all(
    statusPaths(record).map((path) => indexStates(connection, database, path)),
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

/** A sharded database answers for one shard and node at a time; each shard is asked on its first member. */
function statusPaths({ Sharding }: DatabaseRecord): string[] {
  const shards = Object.entries(Sharding?.Shards ?? {}) as [string, { Members?: string[] }][];
  if (shards.length === 0) return ['indexes/status'];
  return shards.map(([shard, { Members }]) => {
    const query = new URLSearchParams({ nodeTag: Members?.[0] ?? '', shardNumber: shard });
    return `indexes/status?${query}`;
  });
}

async function indexStates(
  { http }: RavenConnection,
  database: string,
  path: string,
): Promise<Map<string, string>> {
  const { Indexes } = await http.json<{ Indexes: { Name: string; Status: string }[] }>({
    doing: 'Reading the states of indexes',
    database,
    path: databasePath(database, path),
  });
  return new Map(Indexes.map(({ Name, Status }) => [indexKey(Name), Status]));
}

/**
 * Creates or replaces static indexes, all or none. A state in a definition is left out: the index would be called
 * disabled and run.
 * @throws RavenError with the reason of the first index that the server does not take
 */
export async function putIndexes(
  { http }: RavenConnection,
  database: string,
  indexes: IndexText[],
): Promise<void> {
  const Indexes = indexes.map(({ automatic, ClusterState, State, ...definition }) => ({
    ...definition,
    LockMode: lockOf({ automatic, ...definition }),
    Priority: priorityOf({ automatic, ...definition }),
  }));
  await http.json({
    doing: 'Creating indexes',
    database,
    method: 'PUT',
    path: databasePath(database, 'admin/indexes'),
    json: { Indexes },
  });
}

/**
 * Copies automatic indexes by name. Only an import makes one without a query; in a dump it is no valid JSON (a comma
 * before a brace), so its bytes are passed on unread.
 * @returns the server's warnings
 * @throws RavenError
 */
export async function copyAutomaticIndexes(
  from: { connection: RavenConnection; database: string },
  into: { connection: RavenConnection; database: string },
  names: readonly string[],
): Promise<string[]> {
  const types = ['Indexes'] as const;
  const running = await startExport(from.connection.http, from.database, { types });
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
  const source = Readable.from([Buffer.from(dump)]);
  const { warnings } = await importDump(into.connection.http, into.database, source, { types });
  return warnings;
}

const AUTOMATIC = '{"Type":"Auto';
const NAME = /"Name"\s*:\s*("(?:[^"\\]|\\.)*")/;

/** The name comes before anything else that has one. */
function nameOf(item: Buffer): string {
  const quoted = NAME.exec(item.toString())?.[1];
  return quoted === undefined ? '' : (JSON.parse(quoted) as string);
}

/** The name of an index in a dump; undefined for an automatic one, whose name says all of it. */
export function staticIndexName(item: Buffer): string | undefined {
  return item.toString('latin1', 0, AUTOMATIC.length) === AUTOMATIC ? undefined : nameOf(item);
}

/** Deletes an index; one that is not there is fine. @throws RavenError */
export async function deleteIndex(
  connection: RavenConnection,
  database: string,
  name: string,
): Promise<void> {
  await connection.withClient('Deleting an index', database, (store) =>
    store.maintenance.forDatabase(database).send(new DeleteIndexOperation(name)),
  );
}

/** Sets the lock mode of static indexes. @throws RavenError */
export async function setIndexLock(
  { http }: RavenConnection,
  database: string,
  IndexNames: string[],
  Mode: string,
): Promise<void> {
  const path = databasePath(database, 'indexes/set-lock');
  const json = { IndexNames, Mode };
  await http.json({ doing: 'Setting the lock of indexes', database, method: 'POST', path, json });
}

/** Sets the priority of indexes. @throws RavenError */
export async function setIndexPriority(
  { http }: RavenConnection,
  database: string,
  IndexNames: string[],
  Priority: string,
): Promise<void> {
  const path = databasePath(database, 'indexes/set-priority');
  const json = { IndexNames, Priority };
  await http.json({ doing: 'Setting the priority of indexes', database, method: 'POST', path, json });
}

/**
 * Disables or enables an index on every node and shard. One that is disabled on a single node stays so when it is
 * enabled for the cluster, unless the cluster has disabled it first.
 * @throws RavenError
 */
export async function setIndexState(
  { http }: RavenConnection,
  database: string,
  name: string,
  state: 'disabled' | 'enabled',
): Promise<void> {
  const query = new URLSearchParams({ name, clusterWide: 'true' });
  const send = (action: string) =>
    http.json({
      doing: `Setting the state of an index`,
      database,
      method: 'POST',
      path: databasePath(database, `admin/indexes/${action}?${query}`),
    });
  await send('disable');
  if (state === 'enabled') await send('enable');
}
