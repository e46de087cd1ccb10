/**
 * RavenDB writes a document anew, with its id in lower case, when it is told that one of its revisions or attachments
 * is deleted. A round asks its source for the right id; where there is only a file, the target is asked before, and
 * keeps the answer: whoever goes on after a death finds ids that are in lower case already.
 */

import type { Database } from '../../ravendb/connection/database.ts';
import { tombstoneOwner } from '../../ravendb/dump/dump-items.ts';
import { deletedInBatches } from '../../ravendb/dump/scan.ts';
import { documentDump, readIds } from '../../ravendb/requests/documents.ts';
import { readNote, readNotes, removeNotes, writeNote } from '../prepare/notes.ts';
import { routeDump } from '../transfer/dump-to-shards.ts';
import { chunks } from '../work/chunks.ts';
import type { Work } from '../work/work.ts';
import { forgetDocumentsOf } from './dump-file.ts';

const BATCH = 500;

/** Opens a file from the beginning. */
type Open = () => Promise<AsyncIterable<Buffer>>;

/** Where the ids of one file are kept; `all` is there when none is missing. */
const IDS = 'ids/';
const ALL = 'all';

/**
 * Keeps the ids of documents that the deletions of a file may put into lower case. To be called before these are
 * applied; what an earlier try has kept stays.
 * @param file its name
 * @throws RavenError
 */
export async function saveOriginalIds(target: Database, file: string, open: Open): Promise<void> {
  const key = (part: string | number) => `${IDS}${file}/${part}`;
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
 * Gives the documents that are in lower case now the ids that were kept, but for those that the file itself brings,
 * and keeps them no longer.
 * @throws RavenError
 */
export async function restoreSavedIds(
  work: Work,
  target: Database,
  { file, open }: { file: string; open: Open },
): Promise<void> {
  const prefix = `${IDS}${file}/`;
  const wrong = new Map<string, string>();
  for await (const ids of readNotes<string[]>(target, prefix)) {
    const kept = new Map(ids.map((id) => [id.toLowerCase(), id]));
    for (const [lower, id] of await readIds(target, [...kept.keys()]))
      if (id === lower) wrong.set(lower, kept.get(lower) ?? id);
  }
  if (wrong.size > 0) await forgetDocumentsOf(await open(), wrong);
  for (const some of chunks([...wrong.values()], BATCH)) {
    const dump = documentDump(target, some, { asNamed: true });
    // their attachments are asked for where they are: on the target
    await routeDump(work, { target, source: target }, { dump });
  }
  // the mark that none is missing goes first: a death in between must not leave it beside some of the ids
  await removeNotes(target, `${prefix}${ALL}`);
  await removeNotes(target, prefix);
}
