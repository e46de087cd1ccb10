import { isRefusal, type RavenError } from '../../ravendb/connection/errors.ts';

/**
 * Does something for all items at once. Where that is refused it is done for half of them, and so on, until it is known
 * which items are refused; the others are done.
 * @param doIt may also return, as text, what a server said against some of the items, which it skipped
 * @param isRefused tells a refusal from an error that ends everything
 * @returns why, for each item that was refused
 * @throws what is not a refusal
 */
export async function allOrOneByOne<T>(
  items: readonly T[],
  doIt: (items: readonly T[]) => Promise<unknown>,
  isRefused: (error: unknown) => error is RavenError = isRefusal,
): Promise<Map<T, string>> {
  const [only] = items;
  if (only === undefined) return new Map();
  const why = await refusalOf(doIt(items), isRefused);
  if (why === '') return new Map();
  if (items.length === 1) return new Map([[only, why]]);
  const middle = items.length >> 1;
  const first = await allOrOneByOne(items.slice(0, middle), doIt, isRefused);
  return new Map([...first, ...(await allOrOneByOne(items.slice(middle), doIt, isRefused))]);
}

/** Why something was refused; empty when it was not. */
async function refusalOf(
  doing: Promise<unknown>,
  isRefused: (error: unknown) => error is RavenError,
): Promise<string> {
  try {
    const said = await doing;
    return typeof said === 'string' ? said : '';
  } catch (error) {
    if (!isRefused(error)) throw error;
    return error.message;
  }
}
