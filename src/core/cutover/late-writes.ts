/** What has come to an old database after the target began to serve: whoever uses the target does not see it. */
import type { DatabaseRef } from '../contract/contract.ts';
import { formatCount, quoted } from '../text/format.ts';

/** Changes of an old database that was left open. A document counts once, however often it was written to. */
export interface LateWrites {
  source: DatabaseRef;
  /** ISO time of the switch. */
  since: string;
  /** Etags of its storage since then; null where nobody can tell, because another storage answers. */
  changes: number | null;
  /** Documents that have changed there, or what belongs to them, and that the target does not have so. */
  documents: number;
  /** The first of them. */
  ids: string[];
  /** Documents that have expired there, which RavenDB itself has deleted, and that the target still has. */
  expired: number;
  /** Documents that have changed there and are the same on the target, or are written by an index there. */
  same: number;
  /** Whether more has changed than was looked at. */
  more: boolean;
  /** Whether compare exchange has changed. */
  compareExchange: boolean;
  /** What of RavenDB itself writes there. */
  byItself: string[];
}

/** How many documents are named. */
export const MOST_NAMED = 20;

/** Whether something is missing on the target, or may be. */
export function isMissed(late: LateWrites): boolean {
  return late.changes === null || late.documents > 0 || late.compareExchange || isUntraced(late);
}

/** Deletions leave nothing once RavenDB has cleaned their tombstones. */
function isUntraced({ changes, documents, expired, same }: LateWrites): boolean {
  return changes !== 0 && documents + expired + same === 0;
}

/** All of it, in sentences. */
export function describeLateWrites(late: LateWrites): string {
  const { source, since, changes, documents, ids, expired, same, more, compareExchange, byItself } = late;
  const old = `the old database "${source.database}"`;
  if (changes === null) {
    return `What has changed on ${old} since the switch at ${since} cannot be told: another node answers, or it was restored.`;
  }
  const sentences = [
    `${plural(changes, 'change has', 'changes have')} come to ${old} since the switch at ${since}.`,
  ];
  if (documents > 0) {
    const least = more ? 'At least ' : '';
    const others = documents > ids.length ? ` and ${formatCount(documents - ids.length)} more` : '';
    sentences.push(
      `${least}${plural(documents, 'document is', 'documents are')} not on the target as there: ${quoted(ids)}${others}.`,
    );
  }
  if (compareExchange) sentences.push('Compare exchange has changed there.');
  if (isUntraced(late) && changes > 0)
    sentences.push('What they were can no longer be told: they may be deletions.');
  if (expired > 0) sentences.push(`RavenDB has deleted ${plural(expired, 'document')} that had expired.`);
  if (same > 0) {
    const are = plural(same, 'document is', 'documents are');
    sentences.push(`${are} the same on the target, or written by an index there.`);
  }
  if (isMissed(late)) {
    if (byItself.length > 0) sentences.push(`RavenDB itself writes there, too: ${byItself.join(', ')}.`);
    sentences.push('Stop what writes there, and carry over by hand what is missing.');
  }
  return sentences.join(' ');
}

function plural(count: number, one: string, many = `${one}s`): string {
  return `${formatCount(count)} ${count === 1 ? one : many}`;
}
