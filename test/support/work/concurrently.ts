/** Does something for each of many things, a few at a time, and gives the results in order. */
export async function concurrently<T, R>(
  things: Iterable<T>,
  run: (thing: T) => Promise<R>,
  atOnce = 8,
): Promise<R[]> {
  const all = [...things];
  const results: R[] = [];
  let next = 0;
  const work = async () => {
    for (let at = next++; at < all.length; at = next++) results[at] = await run(all[at] as T);
  };
  await Promise.all(Array.from({ length: Math.min(atOnce, all.length) }, work));
  return results;
}
