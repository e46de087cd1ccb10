/**
 * RavenDB writes a document anew, with its id in lower case, when it is told that one of its revisions or attachments
 * is deleted. Where the document is not in the same delta, nothing puts the id right again.
 */
import { createReadStream } from 'node:fs';
import type { Pair } from '../../core/contract/contract.ts';
import type { Database } from '../../ravendb/connection/database.ts';
import { decompressed } from '../../ravendb/dump/dump-bytes.ts';
import { tombstoneOwner } from '../../ravendb/dump/dump-items.ts';
import { deletedInBatches } from '../../ravendb/dump/scan.ts';
import { documentDump, readIds } from '../../ravendb/requests/documents.ts';
import { routeDump } from '../transfer/dump-to-shards.ts';
import type { Work } from '../work/work.ts';

/** Gives the documents that a delta's tombstones may have touched the ids that they have on the source. */
export async function restoreIds(work: Work, databases: Pair<Database>, file: string): Promise<void> {
  const { source, target } = databases;
  const dump = decompressed(createReadStream(file));
  for await (const owners of deletedInBatches(dump, tombstoneOwner)) {
    const here = await readIds(target, owners);
    const there = await readIds(source, [...here.keys()]);
    const wrong = [...there].filter(([key, id]) => here.get(key) !== id).map(([, id]) => id);
    if (wrong.length === 0) continue;
    await routeDump(work, databases, { dump: documentDump(source, wrong) });
  }
}
