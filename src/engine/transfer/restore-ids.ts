import type { Database } from '../../ravendb/connection/database.ts';
import { documentDump } from '../../ravendb/requests/documents.ts';
import type { Work } from '../work/work.ts';
import { routeDump } from './dump-to-shards.ts';

/** Writes documents of a database anew, each with the id that is given, which may differ in case. @throws RavenError */
export async function restoreIds(work: Work, database: Database, ids: readonly string[]): Promise<void> {
  const dump = documentDump(database, ids, { asNamed: true });
  // the attachments come from there too
  await routeDump(work, { target: database, source: database }, { dump });
}
