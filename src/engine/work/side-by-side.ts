import pMap from 'p-map';

/**
 * Does something for each item, so many at a time. After an error nothing more is begun.
 * @throws the first error, once nothing is at work any more: another attempt must not meet what this one still writes
 */
export async function sideBySide<T>(
  items: readonly T[],
  atOnce: number,
  doIt: (item: T) => Promise<void>,
): Promise<void> {
  const errors: unknown[] = [];
  const each = async (item: T) => {
    if (errors.length > 0) return;
    await doIt(item).catch((error) => errors.push(error));
  };
  await pMap(items, each, { concurrency: atOnce });
  if (errors.length > 0) throw errors[0];
}
