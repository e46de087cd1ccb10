/**
 * The fields of a database record and what is done with each. `item` is RavenDB's `DatabaseRecordItemType`, which
 * selects fields of an export or import.
 */

/** One field of the record that can be copied. */
export interface SettingKind {
  field: string;
  /** Name of the item in export and import; a field without one is set by a request of its own. */
  item?: string;
  /** `before` the copy if the data or indexes need it or it does no harm; otherwise `after`. */
  when: 'before' | 'after';
  /** One value; values by name; or tasks, which are disabled on the target so that nothing runs on both sides. */
  shape: 'value' | 'named' | 'tasks';
  /** The license flag that the target needs; tasks need none, because disabled ones are always accepted. */
  license?: string;
  advice?: string;
}

const ENABLE_TASK =
  'it is disabled on the target, so that it does not run on both sides: disable it on the source, then enable it on the target';
const SENDS_ALL = `${ENABLE_TASK}. It starts from the first document again`;

const connections = (kind: string): SettingKind => ({
  field: `${kind}ConnectionStrings`,
  item: `${kind}ConnectionStrings`,
  when: 'before',
  shape: 'named',
});
const etl = (kind: string): SettingKind => ({
  field: `${kind}Etls`,
  item: `${kind}Etls`,
  when: 'after',
  shape: 'tasks',
  advice: SENDS_ALL,
});
const value = (field: string, fields: Partial<SettingKind> = {}): SettingKind => ({
  field,
  item: field,
  when: 'after',
  shape: 'value',
  ...fields,
});

/**
 * What can be copied. Revisions, expiration, refresh, archival and the retention of time series would change the copied
 * data: with revisions configured, each imported document would get one more revision.
 */
export const settingKinds: readonly SettingKind[] = [
  { field: 'Analyzers', item: 'Analyzers', when: 'before', shape: 'named' },
  {
    field: 'Sorters',
    item: 'Sorters',
    when: 'before',
    shape: 'named',
    advice: 'queries of a sharded database cannot sort by a custom sorter',
  },
  value('DocumentsCompression', { when: 'before', license: 'HasDocumentsCompression' }),
  connections('Raven'),
  connections('Sql'),
  connections('Olap'),
  connections('ElasticSearch'),
  connections('Queue'),
  connections('Snowflake'),
  connections('Ai'),
  // replication needs it from the first document on
  value('ConflictSolverConfig', { when: 'before' }),
  value('TimeSeries'),
  value('Revisions'),
  value('RevisionsForConflicts', { item: 'Revisions' }),
  { field: 'RevisionsBin', when: 'after', shape: 'value' },
  value('Expiration'),
  value('Refresh'),
  value('DataArchival', { license: 'HasDataArchival' }),
  value('SchemaValidation'),
  value('Client', { license: 'HasClientConfiguration' }),
  { field: 'Studio', when: 'after', shape: 'value', license: 'HasStudioConfiguration' },
  value('LockMode', { advice: 'the target cannot be deleted while it is locked' }),
  {
    field: 'PeriodicBackups',
    item: 'PeriodicBackups',
    when: 'after',
    shape: 'tasks',
    advice: `${ENABLE_TASK}; give it a folder of its own`,
  },
  {
    field: 'ExternalReplications',
    item: 'ExternalReplications',
    when: 'after',
    shape: 'tasks',
    advice: `${SENDS_ALL}, with new change vectors: its destination may see conflicts`,
  },
  etl('Raven'),
  etl('Sql'),
  etl('Olap'),
  etl('ElasticSearch'),
  etl('Snowflake'),
];

/** Fields that a sharded database refuses. Source: the import's own warnings, and RavenDB's errors. */
export const unsupportedSettings: Readonly<Record<string, string>> = {
  HubPullReplications:
    'a sharded database does not support hub replication; keep the hub on another database',
  SinkPullReplications: 'a sharded database does not support sink replication',
  QueueEtls: 'a sharded database does not support queue ETL; send from a subscription worker instead',
  QueueSinks: 'a sharded database does not support queue sinks; consume the queue in the application',
  Integrations: 'a sharded database does not support the PostgreSQL integration',
  EmbeddingsGenerations: 'a sharded database does not support the generation of embeddings',
  GenAis: 'a sharded database does not support GenAI tasks',
  AiAgents: 'a sharded database does not support AI agents',
  RemoteAttachments: 'a sharded database does not support remote attachments',
};

/** Fields that are deliberately not copied. */
export const settingsLeftOut: Readonly<Record<string, string>> = {
  IndexesHistory: 'the history of index definitions starts again on the target',
  UnusedDatabaseIds: 'ids of former storages mean nothing to another database',
};

/** Fields that describe the database itself, or that are copied and reported elsewhere. */
export const noSettings: ReadonlySet<string> = new Set([
  'DatabaseName',
  'Disabled',
  'Encrypted',
  'EtagForBackup',
  'Etag',
  'DeletionInProgress',
  'RollingIndexes',
  'DatabaseState',
  'Topology',
  'Sharding',
  'Indexes',
  'AutoIndexes',
  'Settings',
  'TruncatedClusterTransactionCommandsCount',
  'SupportedFeatures',
]);
