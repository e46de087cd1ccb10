/** The kinds of items: RavenDB's names for them in dumps and in results, and ours. */

/** Kinds with the same name in both. */
const SAME = {
  RevisionDocuments: 'revisions',
  Tombstones: 'tombstones',
  TimeSeriesDeletedRanges: 'timeSeriesDeletedRanges',
  CompareExchange: 'compareExchange',
  CompareExchangeTombstones: 'compareExchangeTombstones',
  Identities: 'identities',
  Indexes: 'indexes',
} as const;

/** Lists of a dump whose items belong to a document, and so to a shard. */
export const DOCUMENT_LISTS = {
  Docs: 'documents',
  RevisionDocuments: SAME.RevisionDocuments,
  CounterGroups: 'counterGroups',
  TimeSeries: 'timeSeriesSegments',
} as const;

/** All lists of a dump. */
export const LISTS = {
  ...DOCUMENT_LISTS,
  ...SAME,
  Conflicts: 'conflicts',
  Subscriptions: 'subscriptions',
  ReplicationHubCertificates: 'replicationHubCertificates',
} as const;

/** Kinds that a `SmugglerResult` counts: of time series it counts entries. */
export const RESULT_KINDS = {
  Documents: DOCUMENT_LISTS.Docs,
  Counters: DOCUMENT_LISTS.CounterGroups,
  TimeSeries: 'timeSeriesEntries',
  ...SAME,
} as const;

/** Kinds of items that are sent to shards. */
export type RoutedKind = (typeof DOCUMENT_LISTS)[keyof typeof DOCUMENT_LISTS];

/** The kinds of item that a dump counts. `attachments` counts streams: documents may share one. */
export type DumpItemKind = (typeof LISTS)[keyof typeof LISTS] | 'attachments';

/** The kinds of item that a transfer counts. `attachments` counts streams. */
export type ItemKind = (typeof RESULT_KINDS)[keyof typeof RESULT_KINDS] | 'attachments';

/** How many items of each kind; kinds without items are left out. */
export type ItemCounts = Partial<Record<ItemKind, number>>;
