import type { Pair } from '../../core/contract/contract.ts';
import type { Database } from '../../ravendb/connection/database.ts';
import { type DocumentReader, openReaders } from '../compare/document-reader.ts';
import type { Work } from '../work/work.ts';

/** What a repair works with. */
export interface Repair extends Pair<DocumentReader> {
  work: Work;
  databases: Pair<Database>;
  /** Ids, in lower case, of what the target may have of its own. */
  own: ReadonlySet<string>;
}

/** @param own of a target that may have something of its own @throws RavenError */
export async function openRepair(
  work: Work,
  databases: Pair<Database>,
  own: ReadonlySet<string> = new Set(),
): Promise<Repair> {
  return { work, databases, own, ...(await openReaders(databases)) };
}
