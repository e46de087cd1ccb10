/** What hangs on documents: attachments, counters, time series. */

import pMap from 'p-map';
import type { Documents, StoredDocument } from './compare-documents.ts';
import { elements, member } from './json-text.ts';
import { note, type Reader, type References } from './reader.ts';

/**
 * Compares the bytes of attachments, the values of counters, and the entries of time series.
 * @param references notes what refers to which bytes; without it the bytes of each attachment are read
 * @param differ whether the servers are of different versions: then an incremental series may have come by another way than
 *   an import, which leaves its values and not who has added them
 */
export async function compareExtensions(
  there: Reader,
  here: Reader,
  {
    ours,
    theirs,
    references,
    differ,
  }: { ours: Documents; theirs: Documents; references?: References | undefined; differ: boolean },
  found: string[],
): Promise<void> {
  const pairs = [...ours].flatMap(([key, document]) => {
    const copy = theirs.get(key);
    return copy ? [{ document, copy }] : [];
  });
  await pMap(
    pairs,
    async ({ document, copy }) => {
      const { id } = document;
      for (const attachment of document.attachments) {
        const known = references?.add(copy.storage, attachment.Hash);
        if (!known) await compareAttachment(there, here, { id, ...attachment }, found);
      }
      const reads = (has: (one: StoredDocument) => boolean) => has(document) || has(copy);
      if (reads(({ hasCounters }) => hasCounters)) {
        const [counters, copies] = await Promise.all([countersOf(there, id), countersOf(here, id)]);
        note(found, `${id}: counters`, counters, copies);
      }
      if (reads(({ hasTimeSeries }) => hasTimeSeries))
        await compareTimeSeries(there, here, { id, differ }, found);
    },
    { concurrency: 8 },
  );
}

async function compareAttachment(
  there: Reader,
  here: Reader,
  { id, Name, Hash }: { id: string; Name: string; Hash: string },
  found: string[],
): Promise<void> {
  const path = `attachments?id=${encodeURIComponent(id)}&name=${encodeURIComponent(Name)}`;
  const [bytes, copied] = await Promise.all([there.bytesOnce(Hash, path), here.bytes(path)]);
  note(found, `${id}: attachment ${Name}`, bytes, copied);
}

async function countersOf(reader: Reader, id: string): Promise<string> {
  const answer = await reader.text(`counters?docId=${encodeURIComponent(id)}`);
  const counters = elements(member(answer, 'Counters')).filter((counter) => counter !== 'null');
  const values = counters.map(
    // RavenDB ignores the case of names
    (counter) => `${member(counter, 'CounterName')?.toLowerCase()}:${member(counter, 'TotalValue')}`,
  );
  return values.sort(inOrder).join();
}

async function compareTimeSeries(
  there: Reader,
  here: Reader,
  { id, differ }: { id: string; differ: boolean },
  found: string[],
): Promise<void> {
  const [names, copied] = await Promise.all([seriesOf(there, id), seriesOf(here, id)]);
  note(found, `${id}: names of time series`, names.join(), copied.join());
  for (const name of names.filter((each) => copied.includes(each))) {
    const path = `timeseries?docId=${encodeURIComponent(id)}&name=${encodeURIComponent(name)}&start=0&pageSize=1000000`;
    const entries = async (reader: Reader) => member(await reader.text(path), 'Entries');
    const [ours, theirs] = await Promise.all([entries(there), entries(here)]);
    const values = (text: string) =>
      differ && name.startsWith('INC:') ? text.replace(/"Tag":(?:"[^"]*"|null),/g, '') : text;
    note(found, `${id}: time series ${name}`, values(ours), values(theirs));
  }
}

/** Names of series that have entries; RavenDB keeps the name of one that has lost them all. */
async function seriesOf(reader: Reader, id: string): Promise<string[]> {
  const { TimeSeries } = await reader.json<{ TimeSeries: { Name: string; NumberOfEntries: number }[] }>(
    `timeseries/stats?docId=${encodeURIComponent(id)}`,
  );
  return TimeSeries.filter(({ NumberOfEntries }) => NumberOfEntries > 0)
    .map(({ Name }) => Name)
    .sort(inOrder);
}

function inOrder(a: string, b: string): number {
  return a < b ? -1 : 1;
}
