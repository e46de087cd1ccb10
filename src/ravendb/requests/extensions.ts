/** Counters and time series of documents, by name. */

import { text } from 'node:stream/consumers';
import { exactNumbers } from '../../core/digest/item-bytes.ts';
import { textsIn } from '../../core/digest/metadata-values.ts';
import type { Database } from '../connection/database.ts';
import { type DocumentMetadata, readMetadata } from './documents.ts';

/** Names of the counters and time series of a document. */
export interface ExtensionNames {
  counters: string[];
  timeSeries: string[];
}

/** The names that the metadata of a document lists. */
export function extensionNames(
  metadata: Pick<DocumentMetadata, '@counters' | '@timeseries'>,
): ExtensionNames {
  return { counters: textsIn(metadata['@counters']), timeSeries: textsIn(metadata['@timeseries']) };
}

/**
 * The names by document id in lower case, as RavenDB compares ids. Ids that do not exist are left out.
 * @param ids at most about a thousand
 * @throws RavenError
 */
export async function readExtensionNames(
  database: Database,
  ids: readonly string[],
): Promise<Map<string, ExtensionNames>> {
  const found = await readMetadata(database, ids);
  return new Map(found.map((metadata) => [metadata['@id'].toLowerCase(), extensionNames(metadata)]));
}

/** A counter. */
export interface Counter {
  name: string;
  /** Its exactNumbers: it may be larger than a number holds exactly. */
  value: string;
}

/** The counters of a document; none for a document that does not exist. @throws RavenError */
export async function readCounters(database: Database, id: string): Promise<Counter[]> {
  const path = `counters?docId=${encodeURIComponent(id)}`;
  const body = await database.open({ doing: 'Reading counters', path });
  const { Counters } = JSON.parse(await text(body), exactNumbers) as {
    Counters: ({ CounterName: string; TotalValue: string } | null)[];
  };
  return Counters.filter((counter) => counter !== null).map(({ CounterName, TotalValue }) => ({
    name: CounterName,
    value: TotalValue,
  }));
}

/** Deletes counters of documents. Those that are not there are fine. @throws RavenError */
export async function deleteCounters(
  database: Database,
  counters: readonly { id: string; names: readonly string[] }[],
): Promise<void> {
  const Documents = counters.map(({ id, names }) => ({ DocumentId: id, Operations: names.map(deletion) }));
  await changeCounters(database, 'Deleting counters', Documents);
}

/**
 * Makes counters as if they had just been created, each 0. RavenDB ignores the import of a counter that it remembers
 * as deleted; into a new one it takes what other databases have added, so that its value becomes theirs.
 * @param counters for each document the names to delete, and those to create after that
 * @throws RavenError
 */
export async function recreateCounters(
  database: Database,
  counters: readonly { id: string; deleted: readonly string[]; created: readonly string[] }[],
): Promise<void> {
  const Documents = counters.map(({ id, deleted, created }) => ({
    DocumentId: id,
    Operations: [
      ...deleted.map(deletion),
      ...created.map((name) => ({ Type: 'Increment', CounterName: name, Delta: 0 })),
    ],
  }));
  await changeCounters(database, 'Recreating counters', Documents);
}

/** Increments counters of a document. An amount may be larger than a number holds exactly. @throws RavenError */
export async function incrementCountersBy(
  database: Database,
  id: string,
  increments: readonly { name: string; by: bigint }[],
): Promise<void> {
  const operations = increments.map(
    ({ name, by }) => `{"Type":"Increment","CounterName":${JSON.stringify(name)},"Delta":${by}}`,
  );
  const body = `{"Documents":[{"DocumentId":${JSON.stringify(id)},"Operations":[${operations.join()}]}]}`;
  const answer = await database.open({
    doing: 'Incrementing counters',
    method: 'POST',
    path: 'counters',
    headers: { 'Content-Type': 'application/json' },
    body,
  });
  answer.resume();
}

function deletion(name: string): object {
  return { Type: 'Delete', CounterName: name };
}

async function changeCounters(database: Database, doing: string, Documents: object[]): Promise<void> {
  await database.json({ doing, method: 'POST', path: 'counters', json: { Documents } });
}
