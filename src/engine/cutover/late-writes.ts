/**
 * Looks for what has come to an old database after the switch. It was left open, so nothing keeps a writer out that nobody
 * has told of the cutover. Where it stood at the switch is noted on the target, for looks that come later.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { documentIds } from '../../core/compare/verification.ts';
import type { DatabaseRef, Pair } from '../../core/contract/contract.ts';
import { isElsewhere } from '../../core/contract/schemas.ts';
import type { Position } from '../../core/copy/position.ts';
import { type LateWrites, MOST_NAMED } from '../../core/cutover/late-writes.ts';
import { selfWriters } from '../../core/plan/self-writers.ts';
import { lowerCase } from '../../core/sharding/buckets.ts';
import { parseUtc } from '../../core/text/format.ts';
import type { Database } from '../../ravendb/connection/database.ts';
import { RavenError } from '../../ravendb/connection/errors.ts';
import { databaseRecord } from '../../ravendb/requests/databases.ts';
import { readIds, readMetadata } from '../../ravendb/requests/documents.ts';
import { incomingReplication } from '../../ravendb/requests/replication.ts';
import { standsSince } from '../../ravendb/requests/statistics.ts';
import { changedIds } from '../compare/changed-ids.ts';
import { compareById } from '../compare/compare-documents.ts';
import { readNote, writeNote } from '../prepare/notes.ts';
import type { Work } from '../work/work.ts';

const NOTE = 'cutover';

/** With more documents, only so many are looked at. */
const MOST_DOCUMENTS = 1_000;

/** Where an old database stood when the target began to serve. */
interface Switched {
  source: DatabaseRef;
  position: Position;
  /** ISO time of the switch. */
  at: string;
}

/**
 * Notes where the source stood, watches it for a while, and looks. To be called while the source still keeps its
 * tombstones: later, nobody knows what was deleted. May be repeated.
 * @returns null where nothing has come
 * @throws RavenError
 */
export async function watchLateWrites(
  work: Work,
  { target, ...switched }: Switched & { target: DatabaseRef },
): Promise<LateWrites | null> {
  await writeNote(work.database(target), NOTE, switched);
  await sleep(work.tuning.cutover.watchLateMs, undefined, { signal: work.signal });
  return await lateWrites(work, target, switched);
}

/**
 * Looks again, at any time later.
 * @returns null where nothing has come, and where no cutover from this source to this target has left the source open
 * @throws RavenError
 */
export async function findLateWrites(
  work: Work,
  { source, target }: Pair<DatabaseRef>,
): Promise<LateWrites | null> {
  const switched = await unlessClosed(readNote<Switched>(work.database(target), NOTE));
  const isOfSource = switched && !isElsewhere({ source, target: switched.source });
  return isOfSource ? await lateWrites(work, target, switched) : null;
}

/** Nobody writes to a database that is closed, or gone. */
async function unlessClosed<T>(asked: Promise<T>): Promise<T | undefined> {
  try {
    return await asked;
  } catch (error) {
    const { kind } = error instanceof RavenError ? error : {};
    if (kind === 'DatabaseDisabledException' || kind === 'DatabaseDoesNotExistException') return undefined;
    throw error;
  }
}

async function lateWrites(
  work: Work,
  target: DatabaseRef,
  { source, position, at: since }: Switched,
): Promise<LateWrites | null> {
  const databases = { source: work.database(source), target: work.database(target) };
  const now = await unlessClosed(standsSince(databases.source, position));
  if (!now) return null;
  const ref = { connection: source.connection, database: source.database };
  const nothing = { documents: 0, ids: [], expired: 0, same: 0, more: false };
  if (now.databaseId !== position.databaseId) {
    return { source: ref, since, changes: null, ...nothing, compareExchange: false, byItself: [] };
  }
  const changes = now.etag - position.etag;
  const { compareExchange: before = now.compareExchange } = position;
  const compareExchange = now.compareExchange !== before;
  if (changes === 0 && !compareExchange) return null;
  const byItself = await whatWritesByItself(databases.source);
  const found = changes === 0 ? nothing : await changedDocuments(databases, position.etag, byItself);
  return { source: ref, since, changes, ...found, compareExchange, byItself };
}

async function whatWritesByItself(source: Database): Promise<string[]> {
  const [record, incoming] = await Promise.all([databaseRecord(source), incomingReplication(source)]);
  return selfWriters(record ?? {}, incoming);
}

/** What has become of documents with a later etag. Those that an index of the old database writes are the same on both. */
async function changedDocuments(
  databases: Pair<Database>,
  etag: number,
  byItself: readonly string[],
): Promise<Pick<LateWrites, 'documents' | 'ids' | 'expired' | 'same' | 'more'>> {
  const { ids: changed, more } = await firstChanged(databases.source, etag);
  const differing = documentIds(await compareById(databases, changed, { extraAllowed: false }));
  const expired = byItself.includes('expiration') ? await expiredOf(databases, differing) : new Set();
  const ids = differing.filter((id) => !expired.has(lowerCase(id)));
  return {
    documents: ids.length,
    ids: ids.slice(0, MOST_NAMED),
    expired: differing.length - ids.length,
    same: changed.length - differing.length,
    more,
  };
}

async function firstChanged(source: Database, etag: number): Promise<{ ids: string[]; more: boolean }> {
  const found = new Map<string, string>();
  for await (const ids of changedIds(source, etag)) {
    for (const id of ids) {
      if (!found.has(lowerCase(id)) && found.size === MOST_DOCUMENTS)
        return { ids: [...found.values()], more: true };
      found.set(lowerCase(id), id);
    }
  }
  return { ids: [...found.values()], more: false };
}

/** Documents, by their id in lower case, that are gone from the old database and whose time is over on the target. */
async function expiredOf(databases: Pair<Database>, ids: readonly string[]): Promise<Set<string>> {
  const there = await readIds(databases.source, ids);
  const gone = ids.filter((id) => !there.has(id.toLowerCase()));
  const over = (await readMetadata(databases.target, gone)).filter(
    ({ '@expires': at }) => at !== undefined && parseUtc(at) <= Date.now(),
  );
  return new Set(over.map(({ '@id': id }) => lowerCase(id)));
}
