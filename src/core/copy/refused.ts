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

/** Adds what was refused to what a run knows. What is refused again has its latest reason; a decision on it stays. */
export function addRefused(known: readonly RefusedItem[], items: readonly RefusedItem[]): RefusedItem[] {
  const all = new Map(known.map((item) => [itemNameKey(item), item]));
  for (const item of items) {
    const key = itemNameKey(item);
    if (all.has(key) || all.size < MOST_REFUSED) all.set(key, { ...all.get(key), ...item });
  }
  return [...all.values()];
}

/** Those among some items that a run does not know yet. */
export function newlyRefused(known: readonly RefusedItem[], items: readonly RefusedItem[]): RefusedItem[] {
  const keys = new Set(known.map(itemNameKey));
  return items.filter((item) => !keys.has(itemNameKey(item)));
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
