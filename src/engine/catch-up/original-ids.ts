/**
 * When RavenDB imports the deletion of a revision or an attachment it writes the document again, with its id in lower
 * case. Unless the document is in the same delta, nothing restores the id.
 */
import { createReadStream } from 'node:fs';
import type { Pair } from '../../core/contract/contract.ts';
import type { Database } from '../../ravendb/connection/database.ts';
import { decompressed } from '../../ravendb/dump/dump-bytes.ts';
import { tombstoneOwner } from '../../ravendb/dump/dump-items.ts';
import { deletedInBatches } from '../../ravendb/dump/scan.ts';
import { readIds } from '../../ravendb/requests/documents.ts';
import { resendDocuments } from '../transfer/resend-documents.ts';
import type { Work } from '../work/work.ts';

/** Restores the ids of the documents that a delta's tombstones may have changed, as they are on the source. */
export async function restoreOriginalIds(work: Work, databases: Pair<Database>, file: string): Promise<void> {
  const { source, target } = databases;
  const dump = decompressed(createReadStream(file));
  for await (const owners of deletedInBatches(dump, tombstoneOwner)) {
    const here = await readIds(target, owners);
    const there = await readIds(source, [...here.keys()]);
    const wrong = [...there].filter(([key, id]) => here.get(key) !== id).map(([, id]) => id);
    await resendDocuments(work, databases, wrong);
  }
}
