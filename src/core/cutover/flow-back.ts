/** The way of changes from a sharded database that serves back into the old one, which is closed. */
import type { DatabaseRef } from '../contract/contract.ts';

/** A storage of the sharded database, and how much of it is on the old one. */
export interface FlowedStorage extends DatabaseRef {
  databaseId: string;
  /** Everything up to this etag is on the old database. */
  lastEtag: number;
  /** Everything up to this etag was compared, but for the documents that are listed as differing. */
  comparedEtag: number;
}

/** Where the flow back stands. */
export interface FlowedBack {
  storages: FlowedStorage[];
  /** Ids of documents that differed when they were looked at last: they are on their way, or damaged. */
  differing: string[];
}

/** With more of them, what was compared last is compared again. */
export const MOST_DIFFERING = 1_000;

/** How many changes the old database lacks. */
export function countBehind(storages: readonly FlowedStorage[], now: readonly FlowedStorage[]): number {
  return now.reduce((sum, { lastEtag }, at) => sum + lastEtag - (storages[at]?.lastEtag ?? 0), 0);
}
