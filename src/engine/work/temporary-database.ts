import { createHash } from 'node:crypto';

/**
 * Name of a database that a workflow needs for a while. Each workflow has its own, so that its next run finds what an
 * interrupted one has left.
 */
export function temporaryDatabase(workflowId: string, purpose: (typeof purposes)[number]): string {
  return `shardlift-${purpose}-${createHash('sha256').update(workflowId).digest('hex').slice(0, 16)}`;
}

const purposes = ['sample', 'settings'] as const;

/** All of them of a workflow. */
export function temporaryDatabases(workflowId: string): string[] {
  return purposes.map((purpose) => temporaryDatabase(workflowId, purpose));
}

/** Whether a database has such a name. */
export function isTemporary(name: string): boolean {
  return TEMPORARY.test(name);
}

const TEMPORARY = new RegExp(`^shardlift-(?:${purposes.join('|')})-[0-9a-f]{16}$`);
