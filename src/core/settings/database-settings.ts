/** The settings of a database by key (`Settings` of its record), which no export holds. */

/**
 * Groups whose settings mean the same on any machine and change what a query, an index or a patch does. Not those
 * of storage, memory, tasks and replication: they belong to the server or to what must not run twice.
 */
const GROUPS = ['Indexing.', 'Query.', 'Patching.', 'Subscriptions.', 'PerformanceHints.'];

/** What belongs to a machine: paths, programs, and sizes of its memory or disk. */
const OF_A_MACHINE = /Path|Directory|Exec|NuGet|Mb$|Memory|Temp|Processors|Concurrent|Threads/i;

/** Whether a setting may be set on another database without looking at the machine. */
export function isSafeSetting(key: string): boolean {
  return GROUPS.some((group) => key.toLowerCase().startsWith(group.toLowerCase())) && !OF_A_MACHINE.test(key);
}
