import { createHash } from 'node:crypto';

/**
 * Name of a database that a workflow needs for a while. Each workflow has its own, so that its next run finds what an
 * interrupted one has left.
 */
export function temporaryDatabase(workflowId: string, purpose: 'sample' | 'settings'): string {
  return `shardlift-${purpose}-${createHash('sha256').update(workflowId).digest('hex').slice(0, 16)}`;
}
