/**
 * Documents that the import refuses, carried one by one. RavenDB stores any metadata that a client sends with a `PUT`, but
 * its import reads some names of the metadata as its own, and refuses the document when it cannot (seen on 7.1.5).
 */

import type { Database } from '../../ravendb/connection/database.ts';
import { isRefusal } from '../../ravendb/connection/errors.ts';
import { putDocument, putDocumentInBatch } from '../../ravendb/requests/documents.ts';

/** What RavenDB appends to the metadata of a document that has nothing but itself: no flags. */
const OWN_METADATA = /,?"@change-vector":"[^"]*","@id":"(?:[^"\\]|\\.)*","@last-modified":"[^"]*"\}\}$/;

/**
 * Writes a document as a client would.
 * @param json of a dump, of a document without attachments: a `PUT` carries none
 * @returns whether the target has it now
 * @throws RavenError
 */
export async function putRefusedDocument(target: Database, id: string, json: Buffer): Promise<boolean> {
  const text = json.toString();
  const own = OWN_METADATA.exec(text);
  if (!own) return false;
  const document = `${text.slice(0, own.index)}}}`;
  for (const put of [putDocument, putDocumentInBatch]) {
    try {
      await put(target, id, document);
      return true;
    } catch (error) {
      if (!isRefusal(error)) throw error;
    }
  }
  return false;
}
