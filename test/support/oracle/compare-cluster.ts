/** What belongs to a database as a whole: compare exchange, identities, indexes, settings. */
import { elements, member, members } from './json-text.ts';
import { note, type Reader } from './reader.ts';

const PAGE = 1024;

/** The product's own index, which keeps the tombstones, never leaves the source. */
const OWN_INDEX = 'Shardlift/';

/** Settings that arrive as they were. The others are left out on purpose or cannot exist without a license. */
const SETTINGS = [
  'Revisions',
  'RevisionsForConflicts',
  'Expiration',
  'Refresh',
  'TimeSeries',
  'ConflictSolverConfig',
  'Sorters',
  'Analyzers',
];

/** Compares keys, values to the digit, and metadata. */
export async function compareCompareExchange(there: Reader, here: Reader, found: string[]): Promise<void> {
  const [ours, theirs] = await Promise.all([compareExchangeOf(there), compareExchangeOf(here)]);
  compareMaps('compare exchange', ours, theirs, found);
}

/** What the product notes on a target: which files it holds, and who writes into it. */
function isNote(key: string): boolean {
  return key.startsWith('shardlift/');
}

async function compareExchangeOf(reader: Reader): Promise<Map<string, string>> {
  const all = new Map<string, string>();
  for (let start = 0; ; start += PAGE) {
    const answer = await reader.text(`cmpxchg?startsWith=&start=${start}&pageSize=${PAGE}`);
    const page = elements(member(answer, 'Results'));
    for (const each of page) {
      const key = JSON.parse(member(each, 'Key')) as string;
      // guards of cluster-wide transactions hold raft indexes of their own database
      if (!key.startsWith('rvn-atomic/') && !isNote(key)) all.set(key, member(each, 'Value'));
    }
    if (page.length < PAGE) return all;
  }
}

/** Identities may be ahead, never behind: the next one must be new. */
export async function compareIdentities(there: Reader, here: Reader, found: string[]): Promise<void> {
  const read = (reader: Reader) => reader.json<Record<string, number>>('debug/identities');
  const [ours, theirs] = await Promise.all([read(there), read(here)]);
  for (const [name, value] of Object.entries(ours)) {
    const copy = theirs[name];
    if (copy === undefined || copy < value) found.push(`identity ${name}: ${value} is ${copy}`);
  }
  for (const name of Object.keys(theirs))
    if (!(name in ours)) found.push(`identity ${name}: only on the target`);
}

/** What two servers of different versions cannot have alike. */
export interface Versions {
  /** Whether the servers differ: then only what both know of is compared. */
  differ: boolean;
}

/**
 * Compares definitions, and type, lock mode, priority and state on every storage.
 * @param withStates whether their states are compared, which no file carries
 */
export async function compareIndexes(
  there: Reader,
  here: Reader,
  found: string[],
  { withStates, differ }: { withStates: boolean } & Versions,
): Promise<void> {
  const [ours, theirs] = await Promise.all([definitionsOf(there), definitionsOf(here)]);
  compareMaps('index', ours, theirs, found, differ ? shared : undefined);
  const [states] = await statesOf(there, withStates);
  for (const [at, copies] of (await statesOf(here, withStates)).entries()) {
    for (const [name, state] of states ?? []) {
      const copy = copies.get(name);
      if (ours.has(name) && copy) note(found, `index ${name} on ${here.storages[at]?.name}`, state, copy);
      if (ours.has(name) && theirs.has(name) && !copy)
        found.push(`index ${name}: not on ${here.storages[at]?.name}`);
    }
  }
}

async function definitionsOf(reader: Reader): Promise<Map<string, string>> {
  const answer = await reader.text(`indexes?start=0&pageSize=${PAGE}`);
  const all = new Map<string, string>();
  for (const each of elements(member(answer, 'Results'))) {
    const definition = members(each);
    const fields = new Map(definition);
    const name = JSON.parse(fields.get('Name') ?? '') as string;
    const unsupported = fields.get('OutputReduceToCollection') !== 'null';
    if (name.startsWith(OWN_INDEX) || unsupported) continue;
    const kept = definition.filter(([key]) => key !== 'State');
    all.set(name, `{${kept.map(([key, value]) => `"${key}":${value}`).join()}}`);
  }
  return all;
}

async function statesOf(reader: Reader, withStates: boolean): Promise<Map<string, string>[]> {
  return await Promise.all(
    reader.storages.map(async (storage) => {
      const { Indexes } = await reader.json<{ Indexes: Record<string, string>[] }>('stats', {
        from: storage,
      });
      return new Map(
        Indexes.map(({ Name, Type, State, LockMode, Priority }) => {
          // an automatic index falls asleep when nobody asks it
          const state = withStates && (State === 'Idle' ? 'Normal' : State);
          return [Name ?? '', [Type, LockMode, Priority, state].filter(Boolean).join()];
        }),
      );
    }),
  );
}

/** Compares the settings that arrive as they were. */
export async function compareSettings(
  there: Reader,
  here: Reader,
  found: string[],
  { differ }: Versions,
): Promise<void> {
  const read = async (reader: Reader) => new Map(members(await reader.text('admin/record')));
  const [ours, theirs] = await Promise.all([read(there), read(here)]);
  for (const name of SETTINGS) {
    const both = [ours, theirs].map((side) => emptyAsNull(side.get(name))) as [string, string];
    note(found, `setting ${name}`, ...(differ ? shared(...both) : both));
  }
}

function emptyAsNull(text = 'null'): string {
  return text === '{}' ? 'null' : text;
}

/** Of two JSON texts what both have a field for. */
function shared(one: string, other: string): [string, string] {
  const values = [JSON.parse(one), JSON.parse(other)] as [unknown, unknown];
  return [JSON.stringify(within(...values)), JSON.stringify(within(values[1], values[0]))];
}

function within(value: unknown, other: unknown): unknown {
  if (Array.isArray(value) && Array.isArray(other)) return value.map((each, at) => within(each, other[at]));
  if (!isObject(value) || !isObject(other)) return value;
  const names = Object.keys(value).filter((name) => name in other && name !== 'Version');
  return Object.fromEntries(
    names.toSorted((a, b) => (a < b ? -1 : 1)).map((name) => [name, within(value[name], other[name])]),
  );
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function compareMaps(
  what: string,
  ours: Map<string, string>,
  theirs: Map<string, string>,
  found: string[],
  pick: (one: string, other: string) => [string, string] = (...both) => both,
): void {
  for (const key of theirs.keys()) if (!ours.has(key)) found.push(`${what} ${key}: only on the target`);
  for (const [key, value] of ours) {
    const copy = theirs.get(key);
    if (copy === undefined) found.push(`${what} ${key}: missing`);
    else note(found, `${what} ${key}`, ...pick(value, copy));
  }
}
