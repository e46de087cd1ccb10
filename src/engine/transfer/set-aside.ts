/**
 * Sends a dump around items that the target's server refuses. A refused load is sent again in ever smaller loads until
 * the item is known. The item is then set aside, and everything else is sent.
 */

import { setTimeout as sleep } from 'node:timers/promises';
import { type ItemName, MOST_REFUSED, type RefusedItem } from '../../core/copy/refused.ts';
import { changeVectorOf, documentId, keyOf, ownerId, seriesName } from '../../ravendb/dump/dump-items.ts';
import { isIncremental } from '../../ravendb/requests/time-series.ts';
import type { Work } from '../work/work.ts';
import { type Destination, ITEMS_LOST, LoadRefused, type Route, routeDump } from './dump-to-shards.ts';
import { incrementCounters } from './refused-counters.ts';
import { putRefusedDocument } from './refused-documents.ts';
import { carryIncrements } from './refused-series.ts';
import { ATTACHMENT_GONE } from './shard-router.ts';

/** A refused load is divided by this. Each division costs a new export, each load a request. */
const DIVIDED_BY = 8;
/** A server that refuses so many items in a row does not refuse them because of what they are. */
const MOST_IN_A_ROW = 25;

/** A dump from where it goes on, and how many of its items are on the target already. */
interface OpenedDump {
  dump: AsyncIterable<Buffer>;
  skip?: number;
}

/** A route whose dump can be opened again. */
export interface RouteAround extends Omit<Route, 'dump' | 'skip' | 'mostItems'> {
  /** Opens the dump behind the last load that was confirmed, or from its beginning with the number of items to skip. */
  open(): Promise<OpenedDump>;
  /** Told of items that nothing carries, before a load behind them is confirmed. */
  onRefused?: ((items: readonly RefusedItem[]) => void) | undefined;
}

/**
 * Sends the items of a dump to where they belong, and reports those that the server refuses.
 * @returns whether the dump was read to its end; see {@link routeDump}
 * @throws RavenError
 */
export async function routeAround(
  work: Work,
  destination: Destination,
  { open, onRefused, ...route }: RouteAround,
): Promise<boolean> {
  const search = new Search(work, destination, onRefused);
  for (;;) {
    const opened = await open();
    try {
      const whole = await routeDump(work, destination, {
        ...route,
        ...opened,
        mostItems: () => search.mostItems,
        accepts: (section, json) =>
          !search.isSetAside(section, json) && route.accepts?.(section, json) !== false,
        onLoad: async (load) => {
          search.passed(load.size);
          await route.onLoad?.(load);
        },
      });
      await search.carrySeries();
      search.report();
      return whole;
    } catch (error) {
      if (!(error instanceof LoadRefused) || work.signal.aborted) throw error;
      await search.narrow(error);
    }
  }
}

/** The search for items that are refused, and those that it has found. */
class Search {
  readonly #work: Work;
  readonly #destination: Destination;
  readonly #onRefused: RouteAround['onRefused'];
  readonly #setAside = new Set<string>();
  /** Found since the last load that was confirmed. */
  #found: RefusedItem[] = [];
  /** Incremental time series, of which a segment was refused. */
  readonly #series = new Map<string, { item: RefusedItem; name: string }>();
  #suspect = '';
  /** Among how many of the next items the refused one is. */
  #among = 0;
  /** How many items a load may have; undefined while nothing is searched. */
  mostItems: number | undefined;

  constructor(work: Work, destination: Destination, onRefused: RouteAround['onRefused']) {
    this.#work = work;
    this.#destination = destination;
    this.#onRefused = onRefused;
  }

  isSetAside(section: string, json: Buffer): boolean {
    return this.#setAside.size > 0 && this.#setAside.has(versionKey(section, json));
  }

  /** A load was confirmed: the server takes other items. */
  passed(items: number): void {
    this.report();
    this.#among -= items;
    if (this.#among <= 0) this.mostItems = undefined;
  }

  /** Prepares for the next smaller loads, or sets the item aside. @throws the error when no item is the reason */
  async narrow(error: LoadRefused): Promise<void> {
    const { items, first } = error.load;
    const name = first && nameOf(first.section, first.json);
    if (!name) throw error;
    this.#among = items;
    this.mostItems = Math.ceil(items / DIVIDED_BY);
    if (items > 1) return;
    const key = versionKey(first.section, first.json);
    if (key !== this.#suspect) {
      // a server that is in trouble for a moment refuses anything: the item is sent once more
      this.#suspect = key;
      await sleep(this.#work.tuning.copy.refusedAgainMs, undefined, { signal: this.#work.signal });
      return;
    }
    if (this.#found.length >= MOST_IN_A_ROW || this.#setAside.size >= MOST_REFUSED) throw error;
    this.mostItems = undefined;
    this.#setAside.add(key);
    const item = { ...name, reason: reasonOf(error) };
    const series = name.kind === 'time series' ? seriesName(first.json) : '';
    if (isIncremental(series) && this.#destination.source) this.#series.set(key, { item, name: series });
    else if (!(await this.#carryOtherwise(name, first.json))) this.#found.push(item);
  }

  /** Once all else has arrived: a segment that came later would be added to what was carried. */
  async carrySeries(): Promise<void> {
    const { source, target } = this.#destination;
    for (const { item, name } of this.#series.values()) {
      const isCarried = source && (await carryIncrements({ source, target }, { id: item.id, name }));
      if (!isCarried) this.#found.push(item);
    }
  }

  async #carryOtherwise({ kind, id }: ItemName, json: Buffer): Promise<boolean> {
    const { source, target } = this.#destination;
    if (kind === 'document') return await putRefusedDocument({ source, target }, id, json);
    return kind === 'counter' && source !== undefined && (await incrementCounters({ source, target }, id));
  }

  report(): void {
    if (this.#found.length === 0) return;
    this.#work.report({ refused: this.#found });
    this.#onRefused?.(this.#found);
    this.#found = [];
  }
}

function reasonOf({ kind, message }: LoadRefused): string {
  switch (kind) {
    case ATTACHMENT_GONE:
      return 'It lists an attachment that the source does not have.';
    case ITEMS_LOST:
      return 'The server accepts the item, but does not store it.';
    default:
      return message;
  }
}

const KINDS: Record<string, ItemName['kind']> = {
  Docs: 'document',
  RevisionDocuments: 'revision',
  CounterGroups: 'counter',
  TimeSeries: 'time series',
  CompareExchange: 'compare exchange',
  Identities: 'identity',
};

/** Undefined for a list whose items have no name for people, such as tombstones. */
function nameOf(section: string, json: Buffer): ItemName | undefined {
  const kind = KINDS[section];
  return kind && { kind, id: idOf(section, json) };
}

function idOf(section: string, json: Buffer): string {
  if (section === 'Docs' || section === 'RevisionDocuments') return documentId(json);
  return section === 'CounterGroups' || section === 'TimeSeries' ? ownerId(json) : keyOf(json);
}

/** Identifies one version of an item: a later one may be taken. */
function versionKey(section: string, json: Buffer): string {
  return JSON.stringify([section, idOf(section, json), changeVectorOf(json)]);
}
