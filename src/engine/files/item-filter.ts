import { documentId, metadataOf, ownerId } from '../../ravendb/dump/dump-items.ts';

const ARTIFICIAL = 'Artificial';

/**
 * Chooses items of a dump: those of some collections, and never documents that an index has written, which RavenDB's
 * import leaves out too. Counters and time series show neither, but their document comes before them. So the filter
 * remembers the ids of the left-out documents that have any.
 */
export class ItemFilter {
  readonly #collections: ReadonlySet<string> | undefined;
  readonly #leftOut = new Set<string>();
  /** Number of documents that an index has written, by collection. */
  readonly artificial: Record<string, number> = {};

  /** @param collections names in any case, as RavenDB accepts them; null for all */
  constructor(collections: readonly string[] | null) {
    this.#collections = collections ? new Set(collections.map((name) => name.toLowerCase())) : undefined;
  }

  /** Whether to import an item of a list. Must be called for each item, in the order of the dump. */
  readonly accepts = (list: string, json: Buffer): boolean => {
    if (list === 'CounterGroups' || list === 'TimeSeries')
      return this.#leftOut.size === 0 || !this.#leftOut.has(ownerId(json).toLowerCase());
    if (list !== 'Docs' && list !== 'RevisionDocuments') return true;
    // look for the rare word first: parsing the metadata of each document takes time
    if (!this.#collections && json.indexOf(ARTIFICIAL) < 0) return true;
    const metadata = metadataOf(json);
    const collection = metadata['@collection'];
    const artificial = metadata['@flags'].includes(ARTIFICIAL);
    if (artificial && list === 'Docs') this.artificial[collection] = (this.artificial[collection] ?? 0) + 1;
    if (!artificial && (!this.#collections || this.#collections.has(collection.toLowerCase()))) return true;
    if (list === 'Docs' && metadata['@counters'].length + metadata['@timeseries'].length > 0)
      this.#leftOut.add(documentId(json).toLowerCase());
    return false;
  };
}
