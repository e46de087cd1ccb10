/**
 * Where a copy of a database stands: everything up to here is on the target. It belongs to one node's storage
 * (`databaseId`), because each node counts its own etags.
 */
export interface Position extends ClusterMark {
  /** The last document etag. */
  etag: number;
  databaseId: string;
  nodeTag: string;
}

/** Where what the cluster keeps under a database's name stands. */
export interface ClusterMark {
  /** The last raft index of cluster-wide items: compare exchange, identities, indexes. */
  raftIndex: number;
  /**
   * The number of keys, and a digest of those that have changed since that raft index: cluster-wide transactions change
   * them, and raise no index of the database.
   */
  compareExchange?: string | undefined;
}

/** Whether compare exchange, identities and indexes are the same at two marks of one database. */
export function sameClusterItems(one: ClusterMark, other: ClusterMark): boolean {
  return one.raftIndex === other.raftIndex && one.compareExchange === other.compareExchange;
}

/** How many changes lie between two positions of one storage; those of cluster-wide transactions count as one. */
export function countChanges(from: Position, to: Position): number {
  const counted = to.etag - from.etag + (to.raftIndex - from.raftIndex);
  return counted === 0 && !sameClusterItems(from, to) ? 1 : counted;
}
