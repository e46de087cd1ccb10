/** Comparing the attachments, counters and time series of one document. */
import { mergeByKey } from '../../core/compare/merge-by-key.ts';
import { ONLY_ON_TARGET } from '../../core/compare/verification.ts';
import type { Pair } from '../../core/contract/contract.ts';
import type { AttachmentRef } from '../../ravendb/dump/dump-items.ts';
import { readCounters } from '../../ravendb/requests/extensions.ts';
import {
  isIncremental,
  type SeriesCount,
  type SeriesEntry,
  seriesCounts,
  seriesEntries,
} from '../../ravendb/requests/time-series.ts';
import type { DocumentReader, Note } from './document-reader.ts';

/** Pairs things of the same name. RavenDB ignores the case of names. */
function* pairs<T>(
  ours: readonly T[],
  theirs: readonly T[],
  nameOf: (one: T) => string,
): Generator<{ name: string; there?: T; here?: T }> {
  const here = new Map(theirs.map((each) => [nameOf(each).toLowerCase(), each]));
  for (const there of ours) {
    const key = nameOf(there).toLowerCase();
    const copy = here.get(key);
    here.delete(key);
    yield { name: nameOf(there), there, ...(copy && { here: copy }) };
  }
  for (const extra of here.values()) yield { name: nameOf(extra), here: extra };
}

/** Compares attachments by name, hash, content type and size. A size below 0 means that RavenDB has lost the bytes. */
export function compareAttachments(
  ours: readonly AttachmentRef[],
  theirs: readonly AttachmentRef[],
  note: Note,
): void {
  for (const { name, there, here } of pairs(ours, theirs, ({ Name }) => Name)) {
    const it = `attachment "${name}"`;
    if (!here) note('attachment', `${it} is missing on the target`);
    else if (!there) note('attachment', `${it} is ${ONLY_ON_TARGET}`);
    else if (here.Size < 0) note('attachment', `${it} has lost its bytes on the target`);
    else if (there.Hash !== here.Hash) note('attachment', `${it} has other bytes on the target`);
    else if (there.Size !== here.Size)
      note('attachment', `${it} has ${there.Size} bytes on the source, ${here.Size} on the target`);
    else if (there.ContentType !== here.ContentType)
      note('attachment', `${it} has another content type on the target`);
    else if (there.Name !== here.Name) note('attachment', otherCase(it, here.Name));
  }
}

/** Compares counters by name, whose case RavenDB ignores, and value. @throws RavenError */
export async function compareCounters(
  { source, target }: Pair<DocumentReader>,
  id: string,
  note: Note,
): Promise<void> {
  const [ours, theirs] = await Promise.all([
    readCounters(source.storageOf(id), id),
    readCounters(target.storageOf(id), id),
  ]);
  for (const { name, there, here } of pairs(ours, theirs, (counter) => counter.name)) {
    const it = `counter "${name}"`;
    if (!here) note('counter', `${it} is ${there?.value} on the source, missing on the target`);
    else if (!there) note('counter', `${it} is ${ONLY_ON_TARGET}, as ${here.value}`);
    else if (there.value !== here.value)
      note('counter', `${it} is ${there.value} on the source, ${here.value} on the target`);
  }
}

/** Compares time series entry by entry, in constant memory. @throws RavenError */
export async function compareTimeSeries(
  readers: Pair<DocumentReader>,
  id: string,
  note: Note,
): Promise<void> {
  for await (const { name, what } of differingSeries(readers, id))
    note('time series', `time series "${name}" ${what}`);
}

/** The time series of a document that differ. @throws RavenError */
export async function* differingSeries(
  readers: Pair<DocumentReader>,
  id: string,
): AsyncGenerator<{ name: string; what: string }> {
  const seriesOf = async (side: DocumentReader): Promise<SeriesCount[]> =>
    // RavenDB keeps the name of a series that has lost all its entries
    (await seriesCounts(side.storageOf(id), id)).filter(({ NumberOfEntries }) => NumberOfEntries > 0);
  const [ours, theirs] = await Promise.all([seriesOf(readers.source), seriesOf(readers.target)]);
  for (const { name, there, here } of pairs(ours, theirs, ({ Name }) => Name)) {
    if (!here) yield { name, what: `of ${there?.NumberOfEntries} entries is missing on the target` };
    else if (!there) yield { name, what: `of ${here.NumberOfEntries} entries is ${ONLY_ON_TARGET}` };
    else {
      const what = await compareEntries(readers, id, name);
      if (what) yield { name, what };
      else if (there.Name !== here.Name) yield { name, what: `is "${here.Name}" on the target` };
    }
  }
}

/** How two series of one name differ, or undefined when they do not. */
async function compareEntries(
  { source, target }: Pair<DocumentReader>,
  id: string,
  name: string,
): Promise<string | undefined> {
  let differing = 0;
  let first = '';
  for await (const { key, left, right } of mergeByKey(
    entriesOf(source, id, name),
    entriesOf(target, id, name),
  )) {
    if (left?.entry === right?.entry) continue;
    const how = !right ? 'missing on the target' : !left ? ONLY_ON_TARGET : 'another value or tag';
    if (differing++ === 0) first = `${key} (${how})`;
  }
  if (differing === 0) return undefined;
  return differing === 1
    ? `differs in the entry of ${first}`
    : `differs in ${differing} entries, the first of ${first}`;
}

async function* entriesOf(
  side: DocumentReader,
  id: string,
  name: string,
): AsyncGenerator<{ key: string; entry: string }> {
  const describe = isIncremental(name)
    ? // tags of incremental series are ids of databases
      ({ Values }: SeriesEntry) => Values.join()
    : ({ Values, Tag }: SeriesEntry) => JSON.stringify([Values, Tag]);
  for await (const page of seriesEntries(side.storageOf(id), { id, name })) {
    for (const entry of page) yield { key: entry.Timestamp, entry: describe(entry) };
  }
}

function otherCase(it: string, name: string): string {
  return `${it} is "${name}" on the target`;
}
