/** Lists that grow with the length of a run, and yet must fit into what one run hands to the next. */

/** Entries of a list that are kept: the first and the last half of them. */
const MOST = 200;
/** As JSON. What a run hands to the next one, and its report, must stay below 2 MB. */
const MOST_CHARACTERS = 200_000;

/** Adds an entry. When the list is full, some from its middle make room. @returns how many were dropped */
export function addBounded<T>(list: T[], entry: T, most = MOST): number {
  list.push(entry);
  let dropped = 0;
  while (list.length > most || (list.length > 2 && JSON.stringify(list).length > MOST_CHARACTERS)) {
    list.splice(Math.floor((list.length - 1) / 2), 1);
    dropped++;
  }
  return dropped;
}
