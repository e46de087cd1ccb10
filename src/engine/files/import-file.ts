/**
 * One dump or backup file on its way into a target. The same as a round of catch-up, but for what a round asks of
 * its source: here the file is all there is.
 */

import type { ChosenItemType } from '../../core/contract/file-contract.ts';
import type { ItemNumbers } from '../../core/files/files.ts';
import type { Database } from '../../ravendb/connection/database.ts';
import { databaseCounts } from '../../ravendb/requests/statistics.ts';
import { DATA } from '../../ravendb/smuggler/item-types.ts';
import { routeDeletions } from '../transfer/deletions.ts';
import { routeDump } from '../transfer/dump-to-shards.ts';
import { deleteMovedDocuments } from '../transfer/moved-documents.ts';
import { SurplusExtensions } from '../transfer/surplus-extensions.ts';
import type { Work } from '../work/work.ts';
import { ItemFilter } from './item-filter.ts';
import { restoreSavedIds, saveOriginalIds } from './saved-ids.ts';

/** The list of a dump in which the items of a chosen kind lie. */
const LIST_OF: Partial<Record<ChosenItemType, string>> = {
  Documents: 'Docs',
  RevisionDocuments: 'RevisionDocuments',
  CounterGroups: 'CounterGroups',
  TimeSeries: 'TimeSeries',
  CompareExchange: 'CompareExchange',
  Identities: 'Identities',
};

/** What is imported item by item; the rest is carried as settings are. */
const ROUTED: readonly string[] = DATA;

/** What of a file is wanted. */
interface Choice {
  types: readonly ChosenItemType[];
  collections: readonly string[] | null;
  transformScript: string | null;
}

/** A file, where it goes, and how. */
export interface FileImport extends Choice {
  /** Its name. */
  file: string;
  target: Database;
  /** The plain bytes of the file, from the beginning each time. */
  open(): Promise<AsyncIterable<Buffer>>;
  /** Whether what the file says of deletions is wanted. */
  deletions: boolean;
  maxItemsPerSecond: number | null;
  /** Items of the file that are on the target already. */
  skip: number;
  /** Told how many items are on the target now, those passed over included, and what was imported since. */
  onLoad(items: number, taken: ItemNumbers): void;
}

/**
 * Imports it. May be repeated.
 * @returns how many documents were left out since an index had written them, by collection
 * @throws RavenError
 */
export async function importFile(work: Work, input: FileImport): Promise<ItemFilter['artificial']> {
  const { target, types, collections, transformScript } = input;
  const before = await databaseCounts(target);
  if (input.deletions) {
    await saveOriginalIds(target, input.file, input.open);
    await routeDeletions(work, { target }, input.open);
  }
  const extensions = types.includes('CounterGroups') && types.includes('TimeSeries');
  // incremental series stay: to take them away would make a revision where the target keeps these
  const surplus = extensions ? await SurplusExtensions.on(target, { allSeriesFollow: false }) : undefined;
  if (before.documents > 0) await deleteMovedDocuments(target, await input.open());
  const lists = new Set(types.map((type) => LIST_OF[type]));
  const filter = new ItemFilter(collections);
  await routeDump(
    work,
    { target },
    {
      dump: await input.open(),
      takes: (list) => lists.has(list),
      accepts: filter.accepts,
      types: types.filter((type) => ROUTED.includes(type)),
      transformScript,
      singleLoad: transformScript !== null,
      includeEmptyCounterGroups: !extensions,
      // deletions have taken away what came before them
      skip: input.deletions ? 0 : input.skip,
      itemsPerSecond: input.maxItemsPerSecond,
      onItem: surplus?.note,
      onLoad: async ({ items, taken }) => {
        await surplus?.remove();
        input.onLoad(items, taken);
      },
    },
  );
  if (input.deletions) await restoreSavedIds(work, target, input);
  return filter.artificial;
}
