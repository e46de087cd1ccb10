/** Items that RavenDB's import refuses, and what becomes of them. */

import type { Decision } from '../contract/contract.ts';

/** Names an item. A counter or a time series is named by its document. */
export interface ItemName {
  kind: 'document' | 'revision' | 'counter' | 'time series' | 'compare exchange' | 'identity';
  /** Id of the document, or key. */
  id: string;
}

/** An item that the target's server refuses, however it is sent. */
export interface RefusedItem extends ItemName {
  /** What the server says against it. */
  reason: string;
  /** Who decided that the target can be without it. Absent while nobody has. */
  skipped?: Decision & { at: string };
}

/** How many refused items a run lists. A copy with more has another trouble than its items. */
export const MOST_REFUSED = 100;

/** What makes two items the same one. RavenDB ignores the case of ids and keys. */
export function itemNameKey({ kind, id }: ItemName): string {
  return JSON.stringify([kind, id.toLowerCase()]);
}

/** The items that wait for somebody to decide about them. */
export function undecided(refused: readonly RefusedItem[]): RefusedItem[] {
  return refused.filter(({ skipped }) => !skipped);
}

/** One line on a refused item. */
export function describeRefusedItem({ kind, id, reason, skipped }: RefusedItem): string {
  const by = skipped ? ` (skipped by ${skipped.by}${skipped.note && `: ${skipped.note}`})` : '';
  return `${kind} "${id}"${by}: ${reason}`;
}

/** One sentence on refused items; empty when there is none. */
export function describeRefused(refused: readonly RefusedItem[]): string {
  const [first] = refused;
  if (!first) return '';
  const items = refused.length === 1 ? 'an item' : `${refused.length} items, the first`;
  return `RavenDB refuses ${items}: ${first.kind} "${first.id}". ${first.reason}`;
}
