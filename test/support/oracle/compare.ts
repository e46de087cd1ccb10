/**
 * The tests' own comparison of two databases, by content and by other calls than the product's: listings instead of
 * streams, no digests of its making, and JSON as the text that it is.
 */
import type { RavenConnection } from '../../../src/ravendb/connection/connection.ts';
import {
  compareCompareExchange,
  compareIdentities,
  compareIndexes,
  compareSettings,
} from './compare-cluster.ts';
import { compareDocuments, comparePlaces, documentsOf } from './compare-documents.ts';
import { compareExtensions } from './compare-extensions.ts';
import { compareRevisions } from './compare-revisions.ts';
import { Reader, References } from './reader.ts';

/** Parts of a comparison that a test may leave out, because they come last in a migration, or in no file. */
export type Part = 'revisions' | 'indexes' | 'index states' | 'settings';

/**
 * Every difference between a source and its sharded copy, a line each. Not compared is what RavenDB makes by itself:
 * change vectors, times of change, the output documents of indexes, revisions that only say that a document was
 * deleted, and the guards of cluster-wide transactions.
 * @param options.into where the target is, when that is a server of another version
 */
export async function differences(
  raven: RavenConnection,
  source: string,
  target: string,
  options: { without?: readonly Part[]; into?: RavenConnection } = {},
): Promise<string[]> {
  const [there, here] = await Promise.all([
    Reader.of(raven, source),
    Reader.of(options.into ?? raven, target),
  ]);
  const found: string[] = [];
  const wants = (part: Part) => !options.without?.includes(part);
  const [ours, theirs] = await Promise.all([documentsOf(there, found), documentsOf(here, found)]);
  compareDocuments(ours, theirs, found);
  await comparePlaces(here, theirs, found);
  const references = wants('revisions') ? new References() : undefined;
  const differ = options.into !== undefined;
  await compareExtensions(there, here, { ours, theirs, references, differ }, found);
  if (references) {
    await compareRevisions(there, here, references, found);
    // what differs may have other attachments
    if (found.length === 0) await references.compare(here, found);
  }
  await compareCompareExchange(there, here, found);
  await compareIdentities(there, here, found);
  if (wants('indexes'))
    await compareIndexes(there, here, found, { withStates: wants('index states'), differ });
  if (wants('settings')) await compareSettings(there, here, found, { differ });
  return found;
}

/** The same of a copy that came by a file: RavenDB writes no states of indexes into one. */
export async function differencesFromFile(
  raven: RavenConnection,
  source: string,
  target: string,
): Promise<string[]> {
  return await differences(raven, source, target, { without: ['index states'] });
}
