/**
 * Documents that the import refuses, carried one by one. RavenDB stores any metadata that a client sends with a `PUT`, but
 * its import reads some names of the metadata as its own, and refuses the document when it cannot (seen on 7.1.5).
 */

import type { Database } from '../../ravendb/connection/database.ts';
import { isRefusal } from '../../ravendb/connection/errors.ts';
import { attachmentsOf } from '../../ravendb/dump/dump-items.ts';
import { fetchAttachment, putDocument, putDocumentInBatch } from '../../ravendb/requests/documents.ts';

/** What RavenDB appends to the metadata of a document that has nothing but itself: no flags. */
const OWN_METADATA = /,?"@change-vector":"[^"]*","@id":"(?:[^"\\]|\\.)*","@last-modified":"[^"]*"\}\}$/;

/**
 * Writes a document as a client would. One with attachments is left alone, because a `PUT` carries none.
 * @param json of a dump
 * @returns whether the target has it now
 * @throws RavenError
 */
export async function putRefusedDocument(
  { source, target }: { source?: Database | undefined; target: Database },
  id: string,
  json: Buffer,
): Promise<boolean> {
  const text = json.toString();
  const own = OWN_METADATA.exec(text);
  if (!own || (await hasAttachments(source, id, json))) return false;
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

/** Whether any of the attachments exists that a document lists. Where nobody can be asked, the list is believed. */
async function hasAttachments(source: Database | undefined, id: string, json: Buffer): Promise<boolean> {
  for (const attachment of attachmentsOf(json)) {
    if (!source) return true;
    const bytes = await fetchAttachment(source, { id, attachment, revision: undefined });
    if (!bytes) continue;
    // reading is over with its beginning
    for await (const _ of bytes) break;
    return true;
  }
  return false;
}
