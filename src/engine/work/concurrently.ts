/**
 * Does something for each of many things, a few at a time; the results are in the order of the things. After a failure
 * it begins nothing more, waits for what is under way, and throws.
 */
export async function concurrently<T, R>(
  things: readonly T[],
  atOnce: number,
  work: (thing: T) => Promise<R>,
): Promise<R[]> {
  const results: R[] = [];
  const waiting = [...things.entries()].reverse();
  const workers = Array.from({ length: Math.min(atOnce, things.length) }, async () => {
    for (let next = waiting.pop(); next; next = waiting.pop()) {
      const [at, thing] = next;
      try {
        results[at] = await work(thing);
      } catch (error) {
        waiting.length = 0;
        throw error;
      }
    }
  });
  await Promise.allSettled(workers);
  await Promise.all(workers);
  return results;
}
