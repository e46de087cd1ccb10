/** The kinds of items: what RavenDB calls them in a dump and in what it reports, and what we call them. */

/** Kinds that have one name in both. */
const ALIKE = {
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
  RevisionDocuments: ALIKE.RevisionDocuments,
  CounterGroups: 'counterGroups',
  TimeSeries: 'timeSeriesSegments',
} as const;

/** All lists of a dump. */
export const LISTS = {
  ...DOCUMENT_LISTS,
  ...ALIKE,
  Conflicts: 'conflicts',
  Subscriptions: 'subscriptions',
  ReplicationHubCertificates: 'replicationHubCertificates',
} as const;

/** What a SmugglerResult counts: of time series it is the entries. */
export const RESULT_KINDS = {
  Documents: DOCUMENT_LISTS.Docs,
  Counters: DOCUMENT_LISTS.CounterGroups,
  TimeSeries: 'timeSeriesEntries',
  ...ALIKE,
} as const;

/** Kinds of items that are sent to shards. */
export type RoutedKind = (typeof DOCUMENT_LISTS)[keyof typeof DOCUMENT_LISTS];

/** The kinds of item that a dump counts. `attachments` counts streams: documents may share one. */
export type DumpItemKind = (typeof LISTS)[keyof typeof LISTS] | 'attachments';

/** The kinds of item that a transfer counts. `attachments` counts streams. */
export type ItemKind = (typeof RESULT_KINDS)[keyof typeof RESULT_KINDS] | 'attachments';

/** How many items of each kind; kinds without any are left out. */
export type ItemCounts = Partial<Record<ItemKind, number>>;
