/** Items that belong to a database as a whole: compare exchange, identities. */
import { text } from 'node:stream/consumers';
import { compareUtf8 } from '../../core/compare/merge-by-key.ts';
import { OWN_KEY_PREFIX } from '../../core/contract/own-names.ts';
import type { RavenConnection } from '../connection/connection.ts';
import { RavenError } from '../connection/errors.ts';
import { DumpScanner } from '../dump/dump-scanner.ts';
import { digits } from '../dump/exact-json.ts';
import { databasePath } from './databases.ts';

const PAGE = 1024;
/** Keys by which the server guards cluster-wide transactions; it makes them anew on the target. */
const GUARD_PREFIX = 'rvn-atomic/';

/** A key of compare exchange. */
export interface CompareExchangeItem {
  /** In lower case, as RavenDB keeps it. */
  key: string;
  /** The value as the server writes it: JSON with `Object` and perhaps `@metadata`, every digit in its place. */
  value: string;
  /** Raft index of its last change, without which it cannot be changed. */
  index: number;
}

/**
 * Every key of compare exchange without guards and our own notes, in the order of `compareUtf8`, a page at a time. Keys
 * that are created or deleted meanwhile may be left out.
 * @throws RavenError
 */
export async function* compareExchange(
  connection: RavenConnection,
  database: string,
): AsyncGenerator<CompareExchangeItem> {
  for await (const item of compareExchangeFrom(connection, database, '')) {
    if (isContent(item)) yield item;
  }
}

function isContent({ key }: CompareExchangeItem): boolean {
  return !key.startsWith(GUARD_PREFIX) && !key.startsWith(OWN_KEY_PREFIX);
}

/** The same for the keys that begin with a prefix, all of them. @throws RavenError */
export async function* compareExchangeFrom(
  { http }: RavenConnection,
  database: string,
  prefix: string,
): AsyncGenerator<CompareExchangeItem> {
  let last: string | undefined;
  for (let start = 0; ; start += PAGE) {
    const query = new URLSearchParams({ startsWith: prefix, start: `${start}`, pageSize: `${PAGE}` });
    const body = await http.open({
      doing: 'Reading compare exchange',
      database,
      path: databasePath(database, `cmpxchg?${query}`),
    });
    const items = await readItems(body);
    for (const item of items) {
      // a new key pushes those behind it on to the next page
      if (last !== undefined && compareUtf8(item.key, last) <= 0) continue;
      last = item.key;
      yield item;
    }
    if (items.length < PAGE) return;
  }
}

/** One key as it is now, or undefined when there is none. @throws RavenError */
export async function compareExchangeItem(
  { http }: RavenConnection,
  database: string,
  key: string,
): Promise<CompareExchangeItem | undefined> {
  const path = databasePath(database, `cmpxchg?${new URLSearchParams({ key })}`);
  try {
    const body = await http.open({ doing: 'Reading a key of compare exchange', database, path });
    return (await readItems(body))[0];
  } catch (error) {
    if (error instanceof RavenError && error.status === 404) return undefined;
    throw error;
  }
}

/** Those of some keys that there are, in lower case, without guards and our own notes. @throws RavenError */
export async function compareExchangeKeys(
  { http }: RavenConnection,
  database: string,
  keys: readonly string[],
): Promise<string[]> {
  const query = new URLSearchParams(keys.map((key): [string, string] => ['key', key]));
  const path = databasePath(database, `cmpxchg?${query}`);
  try {
    const body = await http.open({ doing: 'Reading keys of compare exchange', database, path });
    const items = (await readItems(body)).filter(isContent);
    // asked for several, it answers for each
    return items.filter(({ value }) => value !== 'null').map(({ key }) => key);
  } catch (error) {
    // so it answers for a single key
    if (error instanceof RavenError && error.status === 404) return [];
    throw error;
  }
}

/**
 * Writes one key, its value byte for byte.
 * @param index its index, 0 for a new one
 * @returns whether it was written; not when it has been changed since that index
 * @throws RavenError
 */
export async function putCompareExchange(
  connection: RavenConnection,
  database: string,
  item: CompareExchangeItem,
): Promise<boolean> {
  return await change(connection, database, { method: 'PUT', ...item });
}

/** Deletes one key; false when it has been changed since its index. @throws RavenError */
export async function deleteCompareExchange(
  connection: RavenConnection,
  database: string,
  { key, index }: CompareExchangeItem,
): Promise<boolean> {
  return await change(connection, database, { method: 'DELETE', key, index });
}

/** Every identity, in lower case, with its last value. @throws RavenError */
export async function identities({ http }: RavenConnection, database: string): Promise<Map<string, bigint>> {
  const body = await http.open({
    doing: 'Reading the identities',
    database,
    path: databasePath(database, 'debug/identities'),
  });
  // a value may be beyond what a number holds exactly
  const values: Record<string, string> = JSON.parse(await text(body), digits);
  return new Map(Object.entries(values).map(([name, value]) => [name, BigInt(value)]));
}

/** Raises an identity to a value; RavenDB never lowers one that is higher. @throws RavenError */
export async function seedIdentity(
  { http }: RavenConnection,
  database: string,
  name: string,
  value: bigint,
): Promise<void> {
  const query = new URLSearchParams({ name, value: String(value) });
  await http.json({
    doing: 'Raising an identity',
    database,
    method: 'POST',
    path: databasePath(database, `identity/seed?${query}`),
  });
}

async function change(
  { http }: RavenConnection,
  database: string,
  { method, key, index, value }: { method: string; key: string; index: number; value?: string },
): Promise<boolean> {
  const query = new URLSearchParams({ key, index: String(index) });
  const answer = await http.open({
    doing: 'Changing a key of compare exchange',
    database,
    method,
    path: databasePath(database, `cmpxchg?${query}`),
    ...(value !== undefined && { body: value, headers: { 'Content-Type': 'application/json' } }),
  });
  const { Successful } = JSON.parse(await text(answer)) as { Successful: boolean };
  return Successful;
}

/** Items of an answer `{"Results":[{"Key":"..","Value":{..},"Index":1}]}`, the values unread. */
async function readItems(body: AsyncIterable<Buffer>): Promise<CompareExchangeItem[]> {
  const items: CompareExchangeItem[] = [];
  const scanner = new DumpScanner({
    item: (_section, json) => items.push(readItem(json.toString())),
    blob: () => undefined,
  });
  for await (const chunk of body) scanner.push(chunk);
  return items;
}

const HEAD = /^\{"Key":("(?:[^"\\]|\\.)*"),"Value":/;
const TAIL = ',"Index":';

function readItem(json: string): CompareExchangeItem {
  const [head = '', key = '""'] = HEAD.exec(json) ?? [];
  // a quotation mark inside of a value is written with a backslash before it
  const end = json.lastIndexOf(TAIL);
  return {
    key: JSON.parse(key) as string,
    value: json.slice(head.length, end),
    index: Number.parseInt(json.slice(end + TAIL.length), 10),
  };
}
