/** Asks both servers what remains to be done by hand on the target, which serves. */
import type { DatabaseRef, Pair } from '../../core/contract/contract.ts';
import { type Described, leftToDo as leftOf, type ToDo } from '../../core/plan/left-to-do.ts';
import type { Database } from '../../ravendb/connection/database.ts';
import { subscriptions } from '../../ravendb/requests/database-record.ts';
import { openOrClosedRecord } from '../../ravendb/requests/fencing.ts';
import { listedCertificates } from '../../ravendb/requests/server.ts';
import { openPair, type Work } from '../work/work.ts';

/** @returns nothing where there is nothing left. @throws RavenError */
export async function leftToDo(work: Work, refs: Pair<DatabaseRef>): Promise<ToDo[]> {
  const { source, target } = openPair(work, refs);
  const [ours, theirs, there] = await Promise.all([
    described(source),
    described(target),
    subscriptions(target),
  ]);
  return leftOf(ours, { ...theirs, subscriptions: there });
}

async function described(database: Database): Promise<Described> {
  const [record, certificates] = await Promise.all([
    openOrClosedRecord(database),
    listedCertificates(database.connection),
  ]);
  return { database: database.name, record: record ?? {}, certificates };
}
