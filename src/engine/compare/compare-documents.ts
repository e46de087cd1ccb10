/**
 * Comparing some documents one by one, with everything that belongs to them: the last step of a verification, for the
 * ids whose sums differ, and the first and last step of a repair.
 */

import { type Difference, ONLY_ON_TARGET } from '../../core/compare/verification.ts';
import type { Pair } from '../../core/contract/contract.ts';
import { explainDifference } from '../../core/digest/explain-difference.ts';
import { distinctIds, lowerCase } from '../../core/sharding/buckets.ts';
import { askEach } from '../../ravendb/connection/ask-each.ts';
import type { Database } from '../../ravendb/connection/database.ts';
import { type DocumentMetadata, readMetadata } from '../../ravendb/requests/documents.ts';
import { databaseCounts } from '../../ravendb/requests/statistics.ts';
import { chunks } from '../work/chunks.ts';
import { compareAttachments, compareCounters, compareTimeSeries } from './compare-extensions.ts';
import { compareRevisions } from './compare-revisions.ts';
import { type DocumentReader, type Note, openReaders, type ReadDocument } from './document-reader.ts';

const BATCH = 500;

/** How much the target may differ. */
export interface ByIdOptions {
  /** Whether the target may hold documents and revisions that the source does not have. */
  extraAllowed: boolean;
}

/**
 * Compares everything under these ids: documents, attachments, counters, time series, revisions (of deleted documents,
 * too), and the shards on which documents are. Both sides are read as they are now; either may be sharded.
 * @param ids in any case; some thousands at most
 * @throws RavenError
 */
export async function compareById(
  databases: Pair<Database>,
  ids: readonly string[],
  options: ByIdOptions,
): Promise<Difference[]> {
  const readers = await openReaders(databases);
  const distinct = distinctIds(ids);
  const found: Difference[] = [];
  for (const some of chunks(distinct, BATCH)) found.push(...(await compareBatch(readers, some, options)));
  return found;
}

/** A document as it was found on both sides. */
interface Found {
  id: string;
  ours: ReadDocument | undefined;
  theirs: ReadDocument | undefined;
}

async function compareBatch(
  readers: Pair<DocumentReader>,
  ids: readonly string[],
  options: ByIdOptions,
): Promise<Difference[]> {
  const { source, target } = readers;
  const [revisions, ours, theirs, misplaced] = await Promise.all([
    haveRevisions(readers),
    source.read(ids),
    target.read(ids),
    misplacedIn(target, ids),
  ]);
  const pairs = ids.map((given): Found => {
    const key = lowerCase(given);
    const [there, here] = [ours.get(key), theirs.get(key)];
    return { id: there?.id ?? here?.id ?? given, ours: there, theirs: here };
  });
  const found = await askEach(source.database.http.tuning, pairs, async (pair) => {
    const differences: Difference[] = [];
    const shard = target.shardOf(pair.id);
    const note: Note = (kind, what) =>
      differences.push({
        kind,
        id: pair.id,
        what,
        ...(shard !== undefined && { shard }),
        etag: pair.ours?.etag ?? 0,
      });
    await comparePair(readers, pair, { ...options, revisions }, note);
    for (const each of misplaced.get(lowerCase(pair.id)) ?? [])
      differences.push({ ...each, etag: pair.ours?.etag ?? 0 });
    return differences;
  });
  return found.flat();
}

async function comparePair(
  readers: Pair<DocumentReader>,
  { id, ours, theirs }: Found,
  { extraAllowed, revisions }: ByIdOptions & { revisions: boolean },
  note: Note,
): Promise<void> {
  if (ours && theirs) {
    const side = ours.inConflict ? 'source' : theirs.inConflict ? 'target' : undefined;
    if (side) note('document', `is in conflict on the ${side}`);
    else await compareBoth(readers, { id, ours, theirs }, note);
  } else if (ours) note('document', 'is missing on the target');
  else if (theirs && !extraAllowed) note('document', `is ${ONLY_ON_TARGET}`);
  if (revisions) await compareRevisions(readers, { id, extraAllowed }, note);
}

/** Whether there is any revision on either side: most databases have none, and each document would be asked for its own. */
async function haveRevisions({ source, target }: Pair<DocumentReader>): Promise<boolean> {
  const counts = await Promise.all([databaseCounts(source.database), databaseCounts(target.database)]);
  return counts.some(({ revisions }) => revisions > 0);
}

/** Compares a document that is on both sides, and what belongs to it. */
async function compareBoth(
  readers: Pair<DocumentReader>,
  { id, ours, theirs }: { id: string; ours: ReadDocument; theirs: ReadDocument },
  note: Note,
): Promise<void> {
  const { source, target } = readers;
  let noted = false;
  const noteIt: Note = (kind, what) => {
    noted = true;
    note(kind, what);
  };
  if (ours.counted || theirs.counted) await compareCounters(readers, id, noteIt);
  if (ours.measured || theirs.measured) await compareTimeSeries(readers, id, noteIt);
  if (ours.hash === theirs.hash) return;
  compareAttachments(ours.attachments, theirs.attachments, noteIt);
  const [there, here] = await Promise.all([source.bytes(id), target.bytes(id)]);
  // a missing one has been deleted since
  for (const what of there && here ? explainDifference(there, here) : []) noteIt('document', what);
  // the bytes may be equal by now: the document was written while it was read
  if (!noted && there && here && source.hash(there) !== target.hash(here)) {
    noteIt('document', 'differs in the metadata "@counters"');
  }
}

/** Documents on shards where RavenDB does not look for them, by their id in lower case. */
async function misplacedIn(
  { database, shards, shardOf }: DocumentReader,
  ids: readonly string[],
): Promise<Map<string, Difference[]>> {
  const found = new Map<string, Difference[]>();
  for (const shard of shards) {
    const foreign = ids.filter((id) => (shardOf(id) ?? shard) !== shard);
    const here: DocumentMetadata[] = await readMetadata(database.shard(shard), foreign);
    for (const { '@id': id } of here) {
      const key = lowerCase(id);
      const what = `lies on shard ${shard}, but ${database.name} looks for it on shard ${shardOf(id)}`;
      found.set(key, [...(found.get(key) ?? []), { kind: 'placement', id, what, shard }]);
    }
  }
  return found;
}
