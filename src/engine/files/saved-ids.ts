/**
 * When RavenDB imports the deletion of a revision or an attachment, it writes the document again, with its id in lower
 * case. A round asks its source for the original id. A file has no source, so the target is asked before the deletions
 * are applied. The answer is saved on the target, because after a crash its ids may already be in lower case.
 */

import { partOfName } from '../../core/files/files.ts';
import type { Database } from '../../ravendb/connection/database.ts';
import { tombstoneOwner } from '../../ravendb/dump/dump-items.ts';
import { deletedInBatches } from '../../ravendb/dump/scan.ts';
import { readIds } from '../../ravendb/requests/documents.ts';
import { readNote, readNotes, removeNote, removeNotes, writeNote } from '../prepare/notes.ts';
import { restoreIds } from '../transfer/restore-ids.ts';
import { chunks } from '../work/chunks.ts';
import type { Work } from '../work/work.ts';
import { forgetDocumentsOf } from './dump-file.ts';

const BATCH = 500;

/** Opens a file from the beginning. */
type Open = () => Promise<AsyncIterable<Buffer>>;

/** Prefix of the notes that keep the ids of one file. The note `all` exists once they are complete. */
const IDS = 'ids/';
const ALL = 'all';

function prefixOf(file: string): string {
  return `${IDS}${partOfName(file)}/`;
}

/**
 * Saves the ids of documents that the deletions of a file may change to lower case. Must be called before the deletions
 * are applied. Ids that an earlier attempt has saved completely stay as they are.
 * @param file name of the file
 * @throws RavenError
 */
export async function saveOriginalIds(target: Database, file: string, open: Open): Promise<void> {
  const key = (part: string | number) => `${prefixOf(file)}${part}`;
  if (await readNote(target, key(ALL))) return;
  let kept: string[] = [];
  let parts = 0;
  const write = async () => {
    if (kept.length > 0) await writeNote(target, key(parts++), kept);
    kept = [];
  };
  for await (const owners of deletedInBatches(await open(), tombstoneOwner)) {
    const found = await readIds(target, owners);
    kept.push(...[...found].filter(([lower, id]) => id !== lower).map(([, id]) => id));
    if (kept.length >= BATCH) await write();
  }
  await write();
  await writeNote(target, key(ALL), []);
}

/**
 * Restores the saved ids of documents that are in lower case now, except those that the file itself contains. Then
 * removes the saved ids.
 * @throws RavenError
 */
export async function restoreSavedIds(
  work: Work,
  target: Database,
  { file, open }: { file: string; open: Open },
): Promise<void> {
  const prefix = prefixOf(file);
  const wrong = new Map<string, string>();
  for await (const ids of readNotes<string[]>(target, prefix)) {
    const kept = new Map(ids.map((id) => [id.toLowerCase(), id]));
    for (const [lower, id] of await readIds(target, [...kept.keys()]))
      if (id === lower) wrong.set(lower, kept.get(lower) ?? id);
  }
  if (wrong.size > 0) await forgetDocumentsOf(await open(), wrong);
  for (const some of chunks([...wrong.values()], BATCH)) await restoreIds(work, target, some);
  // remove `all` first: a crash in between must not leave it next to an incomplete set of ids
  await removeNote(target, `${prefix}${ALL}`);
  await removeNotes(target, prefix);
}
