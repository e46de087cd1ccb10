/** A database of a workflow's own on the target's server, to try things in. It is deleted again. */
import type { TargetRef } from '../../core/contract/contract.ts';
import { isOperator } from '../../core/plan/rights.ts';
import type { RavenConnection } from '../../ravendb/connection/connection.ts';
import type { Database } from '../../ravendb/connection/database.ts';
import { createShardedDatabase, deleteDatabase } from '../../ravendb/requests/databases.ts';
import { serverInfo, whoAmI } from '../../ravendb/requests/server.ts';
import { temporaryDatabase } from './temporary-database.ts';
import type { Work } from './work.ts';

/** The handle of that database, which may not be there. */
export function sampleDatabase(work: Work, { connection }: Pick<TargetRef, 'connection'>): Database {
  return work.database({ connection, database: temporaryDatabase(work.workflowId, 'sample') });
}

/** Makes that database, empty, whatever an interrupted attempt has left. @throws RavenError */
export async function createSample(
  sample: Database,
  options: { shards: number; replicationFactor: number; settings?: Record<string, string> },
): Promise<void> {
  await deleteDatabase(sample);
  await createShardedDatabase(sample, options);
}

/** Deletes what this workflow has made. What is not there is fine. */
export async function removeSample(work: Work, target: TargetRef): Promise<void> {
  const sample = sampleDatabase(work, target);
  // there is none, and a server that never had a database would become a cluster by this request
  if (await whyNoSample(sample.connection)) return;
  await deleteDatabase(sample);
}

/**
 * Why such a database cannot be made; undefined when it can.
 * @param mayBeFirst whether a server that never had a database may become a cluster by it
 * @throws RavenError
 */
export async function whyNoSample(into: RavenConnection, mayBeFirst = false): Promise<string | undefined> {
  if (!isOperator(await whoAmI(into))) return 'only clearance Operator may create a database for it.';
  if (mayBeFirst) return undefined;
  const { nodes } = await serverInfo(into);
  return nodes.every((tag) => tag === '?')
    ? 'the server has never had a database, and with the first one it would become a cluster of its own.'
    : undefined;
}
