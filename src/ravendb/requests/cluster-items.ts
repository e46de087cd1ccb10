/** Items that belong to a database as a whole: compare exchange and identities. */

import { text } from 'node:stream/consumers';
import { compareUtf8 } from '../../core/compare/merge-by-key.ts';
import { OWN_KEY_PREFIX } from '../../core/contract/own-names.ts';
import { exactNumbers } from '../../core/digest/item-bytes.ts';
import type { Database } from '../connection/database.ts';
import { ifFound } from '../connection/errors.ts';
import { scan } from '../dump/scan.ts';

const PAGE = 1024;
/** Keys by which the server guards cluster-wide transactions; the target's server creates its own. */
const GUARD_PREFIX = 'rvn-atomic/';

/** A key of compare exchange. */
export interface CompareExchangeItem {
  /** In lower case, as RavenDB keeps it. */
  key: string;
  /** The value as the server writes it: JSON with `Object` and perhaps `@metadata`, digit for digit. */
  value: string;
  /** Raft index of its last change; a request that changes it must name it. */
  index: number;
}

/**
 * Every key of compare exchange without guards and our own notes, in the order of `compareUtf8`, a page at a time.
 * Keys that are created or deleted meanwhile may be missing.
 * @throws RavenError
 */
export async function* compareExchange(database: Database): AsyncGenerator<CompareExchangeItem> {
  for await (const item of compareExchangeFrom(database, '')) {
    if (isContent(item)) yield item;
  }
}

function isContent({ key }: CompareExchangeItem): boolean {
  return !key.startsWith(GUARD_PREFIX) && !key.startsWith(OWN_KEY_PREFIX);
}

/** All keys that begin with a prefix, with guards and our own notes; otherwise as above. @throws RavenError */
export async function* compareExchangeFrom(
  database: Database,
  prefix: string,
): AsyncGenerator<CompareExchangeItem> {
  let last: string | undefined;
  for (let start = 0; ; start += PAGE) {
    const query = new URLSearchParams({ startsWith: prefix, start: `${start}`, pageSize: `${PAGE}` });
    const body = await database.open({ doing: 'Reading compare exchange', path: `cmpxchg?${query}` });
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
  database: Database,
  key: string,
): Promise<CompareExchangeItem | undefined> {
  const path = `cmpxchg?${new URLSearchParams({ key })}`;
  const body = await ifFound(database.open({ doing: 'Reading a key of compare exchange', path }));
  return body && (await readItems(body))[0];
}

/** Which of some keys exist, in lower case, without guards and our own notes. @throws RavenError */
export async function compareExchangeKeys(database: Database, keys: readonly string[]): Promise<string[]> {
  const query = new URLSearchParams(keys.map((key): [string, string] => ['key', key]));
  // a single key that does not exist is answered with 404, one of several with the value null
  const body = await ifFound(
    database.open({ doing: 'Reading keys of compare exchange', path: `cmpxchg?${query}` }),
  );
  const items = body ? (await readItems(body)).filter(isContent) : [];
  return items.filter(({ value }) => value !== 'null').map(({ key }) => key);
}

/**
 * Writes one key, its value byte for byte.
 * @param index its index, 0 for a new one
 * @returns whether it was written; false when it has been changed since that index
 * @throws RavenError
 */
export async function putCompareExchange(database: Database, item: CompareExchangeItem): Promise<boolean> {
  return await change(database, { method: 'PUT', ...item });
}

/** Deletes one key; false when it has been changed since its index. @throws RavenError */
export async function deleteCompareExchange(
  database: Database,
  { key, index }: CompareExchangeItem,
): Promise<boolean> {
  return await change(database, { method: 'DELETE', key, index });
}

/** The last value of every identity, by its name in lower case. @throws RavenError */
export async function identities(database: Database): Promise<Map<string, bigint>> {
  const body = await database.open({ doing: 'Reading the identities', path: 'debug/identities' });
  // a value may be larger than a number holds exactly
  const values: Record<string, string> = JSON.parse(await text(body), exactNumbers);
  return new Map(Object.entries(values).map(([name, value]) => [name, BigInt(value)]));
}

/** Raises an identity to a value; RavenDB ignores a value that is lower. @throws RavenError */
export async function seedIdentity(database: Database, name: string, value: bigint): Promise<void> {
  const query = new URLSearchParams({ name, value: String(value) });
  await database.json({ doing: 'Raising an identity', method: 'POST', path: `identity/seed?${query}` });
}

async function change(
  database: Database,
  { method, key, index, value }: { method: string; key: string; index: number; value?: string },
): Promise<boolean> {
  const query = new URLSearchParams({ key, index: String(index) });
  const answer = await database.open({
    doing: 'Changing a key of compare exchange',
    method,
    path: `cmpxchg?${query}`,
    ...(value !== undefined && { body: value, headers: { 'Content-Type': 'application/json' } }),
  });
  const { Successful } = JSON.parse(await text(answer)) as { Successful: boolean };
  return Successful;
}

/** Items of an answer `{"Results":[{"Key":"..","Value":{..},"Index":1}]}`, the values unread. */
async function readItems(body: AsyncIterable<Buffer>): Promise<CompareExchangeItem[]> {
  const items: CompareExchangeItem[] = [];
  for await (const some of scan(body, (_list, json) => readItem(json.toString()))) items.push(...some);
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
