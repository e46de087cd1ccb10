/** Which settings of a database record travel, and when. */

/**
 * Items of the record that the data needs: imported before it. Names are RavenDB's `DatabaseRecordItemType`.
 * Indexes may use analyzers and sorters; time-series entries have named values.
 */
export const settingsBeforeCopy = ['Analyzers', 'Sorters', 'TimeSeries'] as const;

/** Items that would disturb the copy: with revisions configured each imported document got one more revision. */
export const settingsAfterCopy = ['ConflictSolverConfig', 'Revisions', 'Expiration', 'Refresh'] as const;

/** Fields of the record that are left out, and what to do about each. */
const LEFT_OUT: Record<string, string> = {
  Settings: 'database settings are not part of an export; set them on the target by hand',
  PeriodicBackups: 'backup tasks would run on both sides; create them on the target after the cutover',
  ExternalReplications:
    'replication tasks would run on both sides; create them on the target after the cutover',
  SinkPullReplications: 'a sharded database does not support sink replication',
  HubPullReplications: 'a sharded database does not support hub replication',
  RavenEtls: 'ETL tasks would run on both sides; create them on the target after the cutover',
  SqlEtls: 'ETL tasks would run on both sides; create them on the target after the cutover',
  OlapEtls: 'ETL tasks would run on both sides; create them on the target after the cutover',
  ElasticSearchEtls: 'ETL tasks would run on both sides; create them on the target after the cutover',
  QueueEtls: 'a sharded database does not support queue ETL',
  QueueSinks: 'a sharded database does not support queue sinks',
  RavenConnectionStrings: 'connection strings are left out with the tasks that use them',
  SqlConnectionStrings: 'connection strings are left out with the tasks that use them',
  OlapConnectionStrings: 'connection strings are left out with the tasks that use them',
  ElasticSearchConnectionStrings: 'connection strings are left out with the tasks that use them',
  QueueConnectionStrings: 'connection strings are left out with the tasks that use them',
  SnowflakeConnectionStrings: 'connection strings are left out with the tasks that use them',
  AiConnectionStrings: 'connection strings are left out with the tasks that use them',
  SnowflakeEtls: 'ETL tasks would run on both sides; create them on the target after the cutover',
  EmbeddingsGenerations: 'AI tasks would run on both sides; create them on the target after the cutover',
  GenAiEtls: 'AI tasks would run on both sides; create them on the target after the cutover',
  AiAgents: 'create AI agents on the target after the cutover',
  Integrations: 'a sharded database does not support the PostgreSQL integration',
  RevisionsForConflicts: 'set the revisions of conflicts on the target by hand',
  DocumentsCompression: 'set the compression of documents on the target by hand',
  DataArchival: 'set the archival on the target by hand',
  Client: 'set the client configuration on the target by hand',
  Studio: 'set the configuration of the Studio on the target by hand',
};

/** One line for each setting of the record that has a value and is not carried. */
export function settingsLeftOut(record: Record<string, unknown>): string[] {
  return Object.entries(LEFT_OUT)
    .filter(([field]) => hasValue(record[field]))
    .map(([field, advice]) => `${field}: ${advice}`);
}

function hasValue(value: unknown): boolean {
  if (value === null || value === undefined) return false;
  if (typeof value !== 'object') return value !== false;
  return Object.values(value).some(hasValue);
}
