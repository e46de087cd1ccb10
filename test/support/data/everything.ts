/**
 * A source that holds every kind of item that a database can hold, each in the shapes that break migrations. It is
 * small, so that it is built and compared in seconds, and yet each of five shards gets documents that share
 * attachments with the others.
 */
import type { RavenConnection } from '../../../src/ravendb/connection/connection.ts';
import { Application } from './application.ts';
import { createDatabase } from './databases.ts';
import { putAttachments } from './everything-attachments.ts';
import { putClusterItems, putIndexes, putSettings } from './everything-cluster.ts';
import { putDocuments, putPlain } from './everything-documents.ts';
import { putCounters, putOrphans, putTimeSeries } from './everything-numbers.ts';
import { putRevisions } from './everything-revisions.ts';
import { putVictims } from './victims.ts';

/** Bytes of the largest attachment and of the largest document. */
interface Largest {
  attachment: number;
  document: number;
}

const MODERATE: Largest = { attachment: 4_000_000, document: 1_000_000 };
/** An attachment that is larger than a load of a copy. */
export const LARGE: Largest = { attachment: 24_000_000, document: 5_000_000 };

/**
 * Makes the database and fills it.
 * @param options.plain how many plain documents, `plain/0` ..., it holds besides
 * @param options.largest how large the largest items are; by default moderate, for they are copied again and again
 * @param options.victims how many victims of each kind; by default as many as `applyChanges` and writers need
 */
export async function createEverything(
  raven: RavenConnection,
  database: string,
  options: { plain?: number; victims?: number; largest?: Largest } = {},
): Promise<void> {
  await createDatabase(raven, database);
  const application = new Application(raven, database);
  await putSettings(application);
  const { attachment, document } = options.largest ?? MODERATE;
  await putDocuments(application, document);
  await putPlain(application, options.plain ?? 0);
  await putAttachments(application, attachment);
  await putCounters(application);
  await putTimeSeries(application);
  await putOrphans(application);
  await putRevisions(application);
  await putVictims(application, options.victims);
  await putClusterItems(application);
  await putIndexes(application);
}
