import type { Pair } from '../../core/contract/contract.ts';
import type { Database } from '../../ravendb/connection/database.ts';
import { type DocumentReader, openReaders } from '../compare/document-reader.ts';
import type { Work } from '../work/work.ts';

/** The context of a repair. */
export interface Repair extends Pair<DocumentReader> {
  work: Work;
  databases: Pair<Database>;
  /** Ids, in lower case, of documents of which the target may have items of its own. */
  own: ReadonlySet<string>;
}

/** Opens the readers of both sides. @param own see `Repair`; none by default @throws RavenError */
export async function openRepair(
  work: Work,
  databases: Pair<Database>,
  own: ReadonlySet<string> = new Set(),
): Promise<Repair> {
  return { work, databases, own, ...(await openReaders(databases)) };
}
