/**
 * Comparing everything that belongs to some documents, one by one: the last step of a verification, which looks only
 * at ids whose sums differ, and the first and last step of a repair.
 */

import pMap from 'p-map';
import { type Difference, ONLY_ON_TARGET } from '../../core/compare/verification.ts';
import type { DatabaseRef, Pair } from '../../core/contract/contract.ts';
import { explainDifference } from '../../core/digest/explain-difference.ts';
import { lowerCase } from '../../core/sharding/buckets.ts';
import { type DocumentMetadata, readMetadata } from '../../ravendb/requests/documents.ts';
import type { Work } from '../work/work.ts';
import { compareAttachments, compareCounters, compareTimeSeries } from './compare-extensions.ts';
import { compareRevisions } from './compare-revisions.ts';
import { DocumentSide, type Note, type ReadDocument } from './document-reader.ts';

const BATCH = 500;
/** Documents whose parts are asked for at a time. */
const AT_ONCE = 6;

/** How much the target may differ. */
export interface ByIdOptions {
  /** Whether the target may hold documents and revisions that the source has not. */
  extraAllowed: boolean;
}

/**
 * Compares all that belongs to these ids: documents, attachments, counters, time series, revisions, also those of
 * deleted documents, and the shards on which documents lie. Both sides are read as they are now; either may be sharded.
 * @param ids in any case; some thousands at most
 * @throws RavenError
 */
export async function compareById(
  work: Work,
  sides: Pair<DatabaseRef>,
  ids: readonly string[],
  options: ByIdOptions,
): Promise<Difference[]> {
  const [source, target] = await Promise.all([
    DocumentSide.open(work, sides.source),
    DocumentSide.open(work, sides.target),
  ]);
  const distinct = [...new Map(ids.map((id) => [lowerCase(id), id])).values()];
  const found: Difference[] = [];
  for (let start = 0; start < distinct.length; start += BATCH) {
    found.push(...(await compareBatch(source, target, distinct.slice(start, start + BATCH), options)));
  }
  return found;
}

/** Two sides of one document, as they were found. */
interface FoundPair {
  id: string;
  ours: ReadDocument | undefined;
  theirs: ReadDocument | undefined;
}

async function compareBatch(
  source: DocumentSide,
  target: DocumentSide,
  ids: readonly string[],
  options: ByIdOptions,
): Promise<Difference[]> {
  const [ours, theirs, misplaced] = await Promise.all([
    source.read(ids),
    target.read(ids),
    misplacedIn(target, ids),
  ]);
  const pairs = ids.map((given): FoundPair => {
    const key = lowerCase(given);
    const [there, here] = [ours.get(key), theirs.get(key)];
    return { id: there?.id ?? here?.id ?? given, ours: there, theirs: here };
  });
  const found = await pMap(
    pairs,
    async (pair) => {
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
      await comparePair(source, target, pair, options, note);
      for (const each of misplaced.get(lowerCase(pair.id)) ?? [])
        differences.push({ ...each, etag: pair.ours?.etag ?? 0 });
      return differences;
    },
    { concurrency: AT_ONCE },
  );
  return found.flat();
}

async function comparePair(
  source: DocumentSide,
  target: DocumentSide,
  { id, ours, theirs }: FoundPair,
  { extraAllowed }: ByIdOptions,
  note: Note,
): Promise<void> {
  if (ours && theirs) {
    const side = ours.inConflict ? 'source' : theirs.inConflict ? 'target' : undefined;
    if (side) note('document', `is in conflict on the ${side}`);
    else await compareBoth(source, target, { id, ours, theirs }, note);
  } else if (ours) note('document', 'is missing on the target');
  else if (theirs && !extraAllowed) note('document', `is ${ONLY_ON_TARGET}`);
  await compareRevisions({ source, target, id, extraAllowed }, note);
}

/** Compares a document that is on both sides, and what hangs on it. */
async function compareBoth(
  source: DocumentSide,
  target: DocumentSide,
  { id, ours, theirs }: { id: string; ours: ReadDocument; theirs: ReadDocument },
  note: Note,
): Promise<void> {
  let noted = false;
  const noteIt: Note = (kind, what) => {
    noted = true;
    note(kind, what);
  };
  if (ours.counted || theirs.counted) await compareCounters(source, target, id, noteIt);
  if (ours.measured || theirs.measured) await compareTimeSeries(source, target, id, noteIt);
  if (ours.hash === theirs.hash) return;
  compareAttachments(ours.attachments, theirs.attachments, noteIt);
  const [there, here] = await Promise.all([source.bytes(id), target.bytes(id)]);
  // one that is gone was deleted since
  for (const what of there && here ? explainDifference(there, here) : []) noteIt('document', what);
  // equal now: it was written while we read
  if (!noted && there && here && source.hash(there) !== target.hash(here)) {
    noteIt('document', 'differs in the metadata "@counters"');
  }
}

/** Documents on shards where RavenDB does not look for them, by id in lower case. */
async function misplacedIn(
  { connection, database, storages, shardOf }: DocumentSide,
  ids: readonly string[],
): Promise<Map<string, Difference[]>> {
  const found = new Map<string, Difference[]>();
  for (const { name, shard } of storages) {
    if (shard === undefined) continue;
    const foreign = ids.filter((id) => (shardOf(id) ?? shard) !== shard);
    const here: DocumentMetadata[] = await readMetadata(connection, name, foreign);
    for (const { '@id': id } of here) {
      const key = lowerCase(id);
      const what = `lies on shard ${shard}, but ${database} looks for it on shard ${shardOf(id)}`;
      found.set(key, [...(found.get(key) ?? []), { kind: 'placement', id, what, shard }]);
    }
  }
  return found;
}
