/** Walks two sorted lists of any length side by side. */

/** The items with one key. */
export interface Matched<T> {
  key: string;
  left?: T;
  right?: T;
}

/**
 * Pairs the items of two lists by key, in constant memory.
 * @param left items in the order of `compareUtf8`, each key once
 * @param right the same
 */
export async function* mergeByKey<T extends { key: string }>(
  left: AsyncIterable<T>,
  right: AsyncIterable<T>,
): AsyncGenerator<Matched<T>> {
  const [ours, theirs] = [left[Symbol.asyncIterator](), right[Symbol.asyncIterator]()];
  try {
    let [a, b] = await Promise.all([ours.next(), theirs.next()]);
    while (!a.done || !b.done) {
      const order = a.done ? 1 : b.done ? -1 : compareUtf8(a.value.key, b.value.key);
      const pair: Matched<T> = { key: '' };
      if (!a.done && order <= 0) Object.assign(pair, { key: a.value.key, left: a.value });
      if (!b.done && order >= 0) Object.assign(pair, { key: b.value.key, right: b.value });
      yield pair;
      if (order <= 0) a = await ours.next();
      if (order >= 0) b = await theirs.next();
    }
  } finally {
    await Promise.all([ours.return?.(), theirs.return?.()]);
  }
}

const FIRST_SURROGATE = 0xd800;
const AFTER_SURROGATES = 0xe000;

/**
 * Orders texts by their bytes in UTF-8, as RavenDB orders its keys. UTF-16 orders surrogates differently: they stand
 * for characters after all others.
 */
export function compareUtf8(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let at = 0; at < length; at++) {
    const [ours, theirs] = [a.charCodeAt(at), b.charCodeAt(at)];
    if (ours !== theirs) return rank(ours) - rank(theirs);
  }
  return a.length - b.length;
}

function rank(unit: number): number {
  return unit >= FIRST_SURROGATE && unit < AFTER_SURROGATES ? unit + 0x10000 : unit;
}
