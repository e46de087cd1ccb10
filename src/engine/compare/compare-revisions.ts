/** Comparing the revisions of one document, living or deleted. */

import { ONLY_ON_TARGET } from '../../core/compare/verification.ts';
import type { Pair } from '../../core/contract/contract.ts';
import { splitDocument } from '../../core/digest/document-digest.ts';
import { textIn } from '../../core/digest/metadata-values.ts';
import { revisionsOf } from '../../ravendb/requests/revisions.ts';
import type { DocumentReader, Note } from './document-reader.ts';

/** What tells a revision from others. */
interface Revision {
  /** Body, metadata, snapshots of counters and time series, and time. */
  key: string;
  /** When it was made. */
  at: string;
  /** As the side that was read has it. */
  changeVector: string;
  /** The id of the document, in the case that it had then. */
  id: string;
}

/**
 * Compares number, order and content of revisions. Revisions that only mark a deletion do not count: an import adds
 * some.
 * @throws RavenError
 */
export async function compareRevisions(
  { source, target }: Pair<DocumentReader>,
  { id, extraAllowed }: { id: string; extraAllowed: boolean },
  note: Note,
): Promise<void> {
  const [ours, theirs] = await Promise.all([read(source, id), read(target, id)]);
  const { missing, differing, surplus } = classify(ours, theirs);
  const found = [
    ...described(differing, ours.length, 'differ'),
    ...described(missing, ours.length, 'are missing on the target'),
    ...(extraAllowed ? [] : described(surplus, theirs.length, `are ${ONLY_ON_TARGET}`)),
  ];
  const inOrder = ours.every(({ key }, at) => key === theirs[at]?.key);
  if (found.length === 0 && surplus.length === 0 && !inOrder)
    found.push('are in another order on the target');
  if (found.length > 0) note('revision', `revisions: ${found.join('; ')}`);
}

/**
 * The revisions of the target that the source does not have. Both sides may be written to meanwhile: whatever reaches the
 * target was on the source before.
 * @throws RavenError
 */
export async function surplusRevisions(
  { source, target }: Pair<DocumentReader>,
  id: string,
): Promise<Pick<Revision, 'id' | 'changeVector'>[]> {
  // in this order: what arrives on both sides meanwhile must not count as surplus
  const theirs = await read(target, id);
  const ours = await read(source, id);
  return classify(ours, theirs).surplus;
}

/** Sorts revisions by what is wrong with them. Two of the same time are one that differs. */
function classify(ours: Revision[], theirs: Revision[]) {
  const [gone, extra] = [without(ours, theirs), without(theirs, ours)];
  const differing = gone.filter(({ at }) => extra.some((each) => each.at === at));
  const times = new Set(differing.map(({ at }) => at));
  const others = (revisions: Revision[]) => revisions.filter(({ at }) => !times.has(at));
  return { differing, missing: others(gone), surplus: others(extra) };
}

async function read(side: DocumentReader, id: string): Promise<Revision[]> {
  const revisions: Revision[] = [];
  for await (const json of revisionsOf(side.storageOf(id), id)) {
    const { metadata } = splitDocument(json);
    if (textIn(metadata['@flags']).includes('DeleteRevision')) continue;
    const at = String(metadata['@last-modified']);
    const changeVector = String(metadata['@change-vector']);
    revisions.push({ key: `${side.hash(json)} ${at}`, at, changeVector, id: metadata['@id'] ?? id });
  }
  return revisions;
}

/** The revisions that are not among the others; duplicates count. */
function without(revisions: Revision[], others: Revision[]): Revision[] {
  const known = new Map<string, number>();
  for (const { key } of others) known.set(key, (known.get(key) ?? 0) + 1);
  return revisions.filter(({ key }) => {
    const left = known.get(key) ?? 0;
    known.set(key, left - 1);
    return left <= 0;
  });
}

function described(revisions: Revision[], all: number, how: string): string[] {
  const [first] = revisions;
  if (!first) return [];
  return [`${revisions.length} of ${all} ${how}, the newest of ${first.at}`];
}
