/** Lists that grow with the length of a run, and yet must fit into what one run hands to the next. */

/** Entries of a list that are kept: the first and the last half of them. */
const MOST = 200;

/** Adds an entry. When the list is full, one from its middle makes room. @returns whether one was dropped */
export function addBounded<T>(list: T[], entry: T, most = MOST): boolean {
  list.push(entry);
  if (list.length <= most) return false;
  list.splice(most / 2, 1);
  return true;
}
