/**
 * Imports one dump or backup file into a target. This works like a round of catch-up, except that there is no source to
 * ask: only the file is available.
 */

import type { ChosenItemType } from '../../core/contract/file-contract.ts';
import type { ItemNumbers } from '../../core/files/files.ts';
import type { Database } from '../../ravendb/connection/database.ts';
import { databaseCounts } from '../../ravendb/requests/statistics.ts';
import { DATA } from '../../ravendb/smuggler/item-types.ts';
import { routeDeletions } from '../transfer/deletions.ts';
import { routeDump } from '../transfer/dump-to-shards.ts';
import { deleteMovedDocuments } from '../transfer/moved-documents.ts';
import { type RouteAround, routeAround } from '../transfer/set-aside.ts';
import { SurplusExtensions } from '../transfer/surplus-extensions.ts';
import type { Work } from '../work/work.ts';
import { ItemFilter } from './item-filter.ts';
import { restoreSavedIds, saveOriginalIds } from './saved-ids.ts';

/** The list of a dump that contains the items of a type. */
const LIST_OF: Partial<Record<ChosenItemType, string>> = {
  Documents: 'Docs',
  RevisionDocuments: 'RevisionDocuments',
  CounterGroups: 'CounterGroups',
  TimeSeries: 'TimeSeries',
  CompareExchange: 'CompareExchange',
  Identities: 'Identities',
};

/** Types that are imported item by item; the others are copied in the same way as settings. */
const ROUTED: readonly string[] = DATA;

/** What to import from a file. */
interface Choice {
  types: readonly ChosenItemType[];
  collections: readonly string[] | null;
  transformScript: string | null;
}

/** A file, its target, and how to import it. */
export interface FileImport extends Choice {
  /** Name of the file. */
  file: string;
  target: Database;
  /** The plain bytes of the file; each call starts at the beginning. */
  open(): Promise<AsyncIterable<Buffer>>;
  /** Whether to apply the deletions in the file. */
  deletions: boolean;
  maxItemsPerSecond: number | null;
  /** Number of items of the file that are already on the target. */
  skip: number;
  /** Called with the number of items that are on the target now, skipped ones included, and what the load imported. */
  onLoad(items: number, taken: ItemNumbers): void;
  /** Called with items that RavenDB refuses, and that nothing carries. */
  onRefused: RouteAround['onRefused'];
}

/**
 * Imports the file. May be repeated.
 * @returns how many documents were left out because an index had written them, by collection
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
  // incremental series stay: deleting them would create revisions if the target keeps revisions
  const surplus = extensions
    ? await SurplusExtensions.on(work, target, { allSeriesFollow: false })
    : undefined;
  if (before.documents > 0) await deleteMovedDocuments(target, await input.open());
  const lists = new Set(types.map((type) => LIST_OF[type]));
  let filter = new ItemFilter(collections);
  // each attempt repeats the deletions, which may delete what an earlier attempt imported
  let done = input.deletions ? 0 : input.skip;
  const open = async () => {
    filter = new ItemFilter(collections);
    return { dump: await input.open(), skip: done };
  };
  const route: Omit<RouteAround, 'open'> = {
    takes: (list) => lists.has(list),
    accepts: (list, json) => filter.accepts(list, json),
    types: types.filter((type) => ROUTED.includes(type)),
    sendDeletedCounters: !extensions,
    itemsPerSecond: input.maxItemsPerSecond,
    onItem: surplus?.note,
    onLoad: async ({ items, taken }) => {
      await surplus?.remove();
      done = items;
      input.onLoad(items, taken);
    },
  };
  // a script must see all documents in one load, which cannot be sent around some of them
  await (transformScript === null
    ? routeAround(work, { target }, { ...route, open, onRefused: input.onRefused })
    : routeDump(work, { target }, { ...route, ...(await open()), transformScript, singleLoad: true }));
  if (input.deletions) await restoreSavedIds(work, target, input);
  return filter.artificial;
}
