/**
 * Everything that can happen to a source between its copy and the cutover, by name, done to what `createEverything`
 * made. Each change has documents of its own, so all of them can be done in any order, also at once.
 */
import pMap from 'p-map';
import type { RavenConnection } from '../../../src/ravendb/connection/connection.ts';
import { Application } from './application.ts';
import { attachmentChanges } from './changes-attachments.ts';
import { clusterChanges } from './changes-cluster.ts';
import { documentChanges } from './changes-documents.ts';
import { numberChanges } from './changes-numbers.ts';
import { VICTIMS, victims } from './victims.ts';

/** Something that an application does to its database, and may do more than once. */
export interface Change {
  name: string;
  apply(raven: RavenConnection, database: string): Promise<void>;
}

/** A change as the files beside this one write it down: what to do to some victims. */
export type Deed = (application: Application, ids: string[]) => Promise<void>;

const DEEDS: Record<string, Deed> = {
  ...documentChanges,
  ...attachmentChanges,
  ...numberChanges,
  ...clusterChanges,
};

/** All changes. Each is done to two documents that have revisions and to two that have none. */
export const changes: Change[] = Object.entries(DEEDS).map(([name, deed], at, all) => {
  const second = at + all.length;
  if (second >= VICTIMS) throw new Error(`${all.length} changes need ${2 * all.length} victims`);
  return {
    name,
    apply: (raven, database) => deed(new Application(raven, database), [...victims(at), ...victims(second)]),
  };
});

/** Does all changes, some at a time. */
export async function applyChanges(raven: RavenConnection, database: string): Promise<void> {
  await pMap(changes, (change) => change.apply(raven, database), { concurrency: 4 });
}
