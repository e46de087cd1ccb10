/** The settings of a database record: which of them a target lacks, and what happened to each. */

import { OWN_PREFIX } from '../contract/own-names.ts';
import {
  noSettings,
  type SettingKind,
  settingKinds,
  settingsLeftOut,
  unsupportedSettings,
} from './setting-kinds.ts';

/** What happened to one setting. */
export interface SettingOutcome {
  /** Field of the database record. */
  setting: string;
  /** `carried` only if it was read back from the target. */
  outcome: 'carried' | 'left out' | 'refused';
  /** What to know or to do about it; may be empty. */
  advice: string;
}

/** A database record, or the part of it in a dump. */
export type RecordFields = Readonly<Record<string, unknown>>;

/** What to send of each field: all of it, or the named parts. */
export type SettingsToSend = ReadonlyMap<SettingKind, 'all' | ReadonlySet<string>>;

/** Prefix of tasks that a server creates in every database. */
export const SERVER_WIDE = 'Server Wide ';

/**
 * Which settings the target lacks.
 * @param phase `before` the copy only the settings of that phase; `after` everything that is still missing
 * @param keep whether existing settings of the target stay, because it had data of its own before
 */
export function settingsToSend(
  source: RecordFields,
  target: RecordFields,
  { phase, keep }: { phase: 'before' | 'after'; keep: boolean },
): SettingsToSend {
  const send = new Map<SettingKind, 'all' | Set<string>>();
  for (const kind of settingKinds) {
    const [from, into] = [settingOf(source, kind), settingOf(target, kind)];
    // an import that names an item unknown to the server fails entirely
    const known = kind.field in target;
    if (!known || !hasValue(from) || (phase === 'before' && kind.when === 'after')) continue;
    if (kind.shape === 'value') {
      if (!covers(into, from) && !(keep && hasValue(into))) send.set(kind, 'all');
      continue;
    }
    const [ours, theirs] = [partsOf(from), partsOf(into)];
    const missing = [...ours].filter(([name, part]) => {
      const there = theirs.get(name);
      if (name.startsWith(SERVER_WIDE)) return false;
      return there === undefined || (kind.shape === 'named' && !keep && !covers(there, part));
    });
    if (missing.length > 0) send.set(kind, new Set(missing.map(([name]) => name)));
  }
  return send;
}

/** A dump's record with only what is to be sent, every task disabled. */
export function trimmedRecord(record: RecordFields, send: SettingsToSend): RecordFields {
  const trimmed: Record<string, unknown> = { ...record, UnusedDatabaseIds: [] };
  for (const kind of settingKinds) {
    const { field, shape } = kind;
    if (!(field in record)) continue;
    const names = send.get(kind);
    if (names === 'all') continue;
    // LockMode always has a value; it is not imported unless its item is named
    if (shape === 'value' && field !== 'LockMode') trimmed[field] = null;
    if (shape === 'named') {
      const kept = Object.entries(record[field] ?? {}).filter(([name]) => names?.has(name));
      trimmed[field] = Object.fromEntries(kept);
    }
    if (shape === 'tasks') {
      const tasks = Array.isArray(record[field]) ? (record[field] as { Name?: string }[]) : [];
      trimmed[field] = tasks
        .filter(({ Name = '' }) => names?.has(Name))
        .map((task) => ({ ...task, Disabled: true }));
    }
  }
  return trimmed;
}

/** What happened to the settings, by the current records of both sides. */
export function settingOutcomes(
  source: RecordFields,
  target: RecordFields,
  { keep, reasons = new Map() }: { keep: boolean; reasons?: ReadonlyMap<string, string> },
): SettingOutcome[] {
  const kinds = settingKinds.flatMap((kind): SettingOutcome[] => {
    const [from, into] = [settingOf(source, kind), settingOf(target, kind)];
    const setting = kind.field;
    if (!hasValue(from)) {
      if (keep || !hasValue(into)) return [];
      const advice = 'only the target has it; remove it there unless you want it';
      return [{ setting, outcome: 'left out', advice }];
    }
    return kind.shape === 'value'
      ? [outcomeOfValue(kind, from, into, { keep, known: setting in target, reason: reasons.get(setting) })]
      : outcomesOfParts(kind, from, into, { known: setting in target, reason: reasons.get(setting) });
  });
  return [...kinds, ...databaseSettings(source, target), ...neverCarried(source, target)];
}

/**
 * Settings that will be missing on the target, before anything is done.
 * @param license the flags of the target's license
 * @param target record of an existing target; empty for a new one
 */
export function settingsForecast(
  source: RecordFields,
  license: RecordFields,
  target: RecordFields = {},
): SettingOutcome[] {
  const forbidden = settingKinds.flatMap((kind): SettingOutcome[] => {
    const { field: setting, license: flag } = kind;
    if (flag === undefined || license[flag] !== false) return [];
    if (!hasValue(settingOf(source, kind))) return [];
    return [{ setting, outcome: 'refused', advice: `the target's license does not allow it (${flag})` }];
  });
  const settings = databaseSettings(source, { Settings: safeSettings(source) });
  const left = settings.filter(({ outcome }) => outcome !== 'carried');
  const never = neverCarried(source, { Encrypted: target.Encrypted }).filter(
    ({ setting }) => !(setting in settingsLeftOut),
  );
  return [...forbidden, ...left, ...never];
}

/** One line about a setting that is not on the target as it was. */
export function describeSetting({ setting, advice }: SettingOutcome): string {
  return advice ? `${setting}: ${advice}` : setting;
}

/** The database settings (`Settings`) for a new target. */
export function safeSettings({ Settings }: RecordFields): Record<string, string> {
  const all = Object.entries((Settings ?? {}) as Record<string, string | null>);
  return Object.fromEntries(
    all.filter((entry): entry is [string, string] => entry[1] !== null && isSafeSetting(entry[0])),
  );
}

function outcomeOfValue(
  { field: setting, advice = '' }: SettingKind,
  from: unknown,
  into: unknown,
  { keep, known, reason }: { keep: boolean; known: boolean; reason: string | undefined },
): SettingOutcome {
  if (covers(into, from)) {
    const more = covers(from, into) ? '' : 'the target has more values than the source';
    return { setting, outcome: 'carried', advice: [advice, more].filter(Boolean).join('; ') };
  }
  if (keep && hasValue(into)) {
    return {
      setting,
      outcome: 'left out',
      advice: 'the target kept its own; adjust it by hand',
    };
  }
  return { setting, outcome: 'refused', advice: refusal(known, reason) };
}

function outcomesOfParts(
  kind: SettingKind,
  from: unknown,
  into: unknown,
  { known, reason }: { known: boolean; reason: string | undefined },
): SettingOutcome[] {
  const { field: setting, shape, advice = '' } = kind;
  const theirs = partsOf(into);
  const names: Record<'carried' | 'running' | 'other' | 'serverWide' | 'missing', string[]> = {
    carried: [],
    running: [],
    other: [],
    serverWide: [],
    missing: [],
  };
  for (const [name, part] of partsOf(from)) {
    const there = theirs.get(name);
    if (name.startsWith(SERVER_WIDE)) names.serverWide.push(name);
    else if (there === undefined) names.missing.push(name);
    else if (!covers(there, shape === 'tasks' ? definitionOf(part) : part)) names.other.push(name);
    else if (shape === 'tasks' && (there as { Disabled?: boolean }).Disabled !== true)
      names.running.push(name);
    else names.carried.push(name);
  }
  const line = (outcome: SettingOutcome['outcome'], which: string[], text: string): SettingOutcome[] =>
    which.length === 0
      ? []
      : [{ setting, outcome, advice: text && `${which.map((name) => `"${name}"`).join(', ')}: ${text}` }];
  return [
    ...line('carried', names.carried, advice),
    ...line(
      'carried',
      names.running,
      'it is enabled on the target; make sure that it does not run on both sides',
    ),
    ...line('left out', names.other, 'the target kept another one of that name; compare them'),
    ...line('left out', names.serverWide, "the server's configuration creates it in each database"),
    ...line('refused', names.missing, refusal(known, reason)),
  ];
}

function refusal(known: boolean, reason: string | undefined): string {
  if (!known) return "the target's server has another version and does not know it";
  return reason ?? 'the target did not accept it; set it by hand';
}

/** A task without the fields that belong to one database and its nodes. */
export function definitionOf(task: unknown): unknown {
  const { TaskId, Disabled, MentorNode, PinToMentorNode, CreatedAt, ...rest } = task as Record<
    string,
    unknown
  >;
  return rest;
}

function databaseSettings(source: RecordFields, target: RecordFields): SettingOutcome[] {
  const setting = 'Settings';
  const ours = Object.entries((source.Settings ?? {}) as RecordFields).filter(([, text]) => text !== null);
  const theirs = (target.Settings ?? {}) as RecordFields;
  const carried = ours.filter(([key, text]) => theirs[key] === text).map(([key]) => key);
  const left = ours.filter(([key, text]) => theirs[key] !== text).map(([key]) => key);
  const advice = 'set what the target needs by hand, then reload the database';
  return [
    ...(carried.length > 0 ? [{ setting, outcome: 'carried', advice: carried.join(', ') } as const] : []),
    ...(left.length > 0
      ? [{ setting, outcome: 'left out', advice: `${left.join(', ')}: ${advice}` } as const]
      : []),
  ];
}

function neverCarried(source: RecordFields, target: RecordFields): SettingOutcome[] {
  const known = new Set(settingKinds.map(({ field }) => field));
  const outcomes = Object.entries(source).flatMap(([setting, there]): SettingOutcome[] => {
    if (!hasValue(there) || known.has(setting) || noSettings.has(setting)) return [];
    const unsupported = unsupportedSettings[setting];
    if (unsupported) return [{ setting, outcome: 'refused', advice: unsupported }];
    const unknown = 'this version of Shardlift does not know it; set it on the target by hand';
    return [{ setting, outcome: 'left out', advice: settingsLeftOut[setting] ?? unknown }];
  });
  if (source.Encrypted === true && target.Encrypted !== true) {
    const advice =
      'the target is not encrypted; create an empty encrypted database by hand, and migrate into it';
    outcomes.unshift({ setting: 'Encrypted', outcome: 'left out', advice });
  }
  return outcomes;
}

/** The value of a setting in a record; null for the default lock mode `Unlock`. */
export function settingOf(record: RecordFields, { field }: SettingKind): unknown {
  return field === 'LockMode' && record[field] === 'Unlock' ? null : record[field];
}

/** Parts by name, without our own: the properties of an object, or the items of a list by their `Name`. */
export function partsOf(parts: unknown): Map<string, unknown> {
  const all: [string, unknown][] = Array.isArray(parts)
    ? parts.map((part: { Name?: string }) => [part.Name ?? '', part])
    : Object.entries(parts ?? {});
  return new Map(all.filter(([name]) => !name.startsWith(OWN_PREFIX)));
}

/** Whether a value contains everything that is set in another one. */
export function covers(whole: unknown, part: unknown): boolean {
  if (part === null || part === undefined) return true;
  // a server of another version may omit false
  if (part === false) return !whole;
  if (typeof part !== 'object') return whole === part;
  if (typeof whole !== 'object' || whole === null) return !isSet(part);
  if (Array.isArray(part)) {
    const same = Array.isArray(whole) && whole.length === part.length;
    return same && part.every((each, at) => covers(whole[at], each));
  }
  return Object.entries(part).every(([name, each]) => covers((whole as RecordFields)[name], each));
}

/** Whether a setting has a value; `false` alone is none, but inside an object it is one. */
export function hasValue(value: unknown): boolean {
  return value !== false && isSet(value);
}

function isSet(value: unknown): boolean {
  if (value === null || value === undefined) return false;
  return typeof value !== 'object' || Object.values(value).some(isSet);
}

/**
 * Groups of settings that mean the same on any machine and affect queries, indexes or patches. Settings of storage,
 * memory, tasks and replication belong to the server, or to tasks that must not run twice.
 */
const GROUPS = ['Indexing.', 'Query.', 'Patching.', 'Subscriptions.', 'PerformanceHints.'];

/** Settings of a machine: paths, programs, sizes of memory or disk. */
const OF_A_MACHINE = /Path|Directory|Exec|NuGet|Mb$|Memory|Temp|Processors|Concurrent|Threads/i;

/** Whether a setting can be copied to another machine. */
export function isSafeSetting(key: string): boolean {
  return GROUPS.some((group) => key.toLowerCase().startsWith(group.toLowerCase())) && !OF_A_MACHINE.test(key);
}
