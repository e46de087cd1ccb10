/**
 * Where a copy of a database stands: everything up to here is on the target. It belongs to one node's storage
 * (`databaseId`), because each node counts its own etags.
 */
export interface Position {
  /** The last document etag. */
  etag: number;
  /** The last raft index of cluster-wide items: compare exchange, identities, indexes. */
  raftIndex: number;
  databaseId: string;
  nodeTag: string;
}
