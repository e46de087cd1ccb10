/** The task queue that workers poll and clients start workflows on, unless the configuration names another. */
export const DEFAULT_TASK_QUEUE = 'shardlift';

/** The task queue of the pieces of a copy, beside the one that workflows run on. */
export function pieceTaskQueue(taskQueue: string): string {
  return `${taskQueue}/pieces`;
}

/** The task queue that only the workers of one host poll. */
export function hostTaskQueue(taskQueue: string, host: string): string {
  return `${taskQueue}@${host}`;
}
