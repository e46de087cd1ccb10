/** The settings of a database record: which of them a target lacks, and what became of each. */

import { OWN_PREFIX } from '../contract/own-names.ts';
import {
  noSettings,
  type SettingKind,
  settingKinds,
  settingsLeftOut,
  unsupportedSettings,
} from './setting-kinds.ts';

/** What became of one setting. */
export interface SettingOutcome {
  /** Field of the database record. */
  setting: string;
  /** `carried` is said only of what was read back from the target. */
  outcome: 'carried' | 'left out' | 'refused';
  /** What to know of it, or to do about it; empty when there is nothing. */
  advice: string;
}

/** A database record, or the part of it that a dump holds. */
export type RecordFields = Readonly<Record<string, unknown>>;

/** What shall be sent of each field: all of it, or the named parts. */
export type SettingsToSend = ReadonlyMap<SettingKind, 'all' | ReadonlySet<string>>;

/** Tasks that the server makes in every database by itself. */
export const SERVER_WIDE = 'Server Wide ';

/**
 * Which settings the target lacks.
 * @param phase `before` the copy only what belongs there; `after` everything that is not there yet
 * @param keep whether what the target has already stays: it may have been somebody's before
 */
export function settingsToSend(
  source: RecordFields,
  target: RecordFields,
  { phase, keep }: { phase: 'before' | 'after'; keep: boolean },
): SettingsToSend {
  const send = new Map<SettingKind, 'all' | Set<string>>();
  for (const kind of settingKinds) {
    const [from, into] = [settingOf(source, kind), settingOf(target, kind)];
    // an import that names an item which the server does not know fails as a whole
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

/** A dump's record with only what shall be sent, every task disabled. */
export function trimmedRecord(record: RecordFields, send: SettingsToSend): RecordFields {
  const trimmed: Record<string, unknown> = { ...record, UnusedDatabaseIds: [] };
  for (const kind of settingKinds) {
    const { field, shape } = kind;
    if (!(field in record)) continue;
    const names = send.get(kind);
    if (names === 'all') continue;
    // its mode is never without a value; it is not imported unless it is named
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

/** What became of the settings, by the records of both sides as they are now. */
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
      const advice = 'it is on the target only; remove it there unless it is wanted';
      return [{ setting, outcome: 'left out', advice }];
    }
    return kind.shape === 'value'
      ? [outcomeOfValue(kind, from, into, { keep, known: setting in target, reason: reasons.get(setting) })]
      : outcomesOfParts(kind, from, into, { known: setting in target, reason: reasons.get(setting) });
  });
  return [...kinds, ...databaseSettings(source, target), ...neverCarried(source, target)];
}

/**
 * What can be said before anything is done of settings that will not be on the target.
 * @param license the flags of the target's license
 * @param target record of a target that is there; empty for a new one
 */
export function settingsForecast(
  source: RecordFields,
  license: RecordFields,
  target: RecordFields = {},
): SettingOutcome[] {
  const forbidden = settingKinds.flatMap((kind): SettingOutcome[] => {
    const { field: setting, license: flag, shape } = kind;
    // tasks arrive whatever the license says, since they do not run
    if (flag === undefined || license[flag] !== false || shape === 'tasks') return [];
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

/** One line on a setting that is not there as it was. */
export function describeSetting({ setting, advice }: SettingOutcome): string {
  return advice ? `${setting}: ${advice}` : setting;
}

/** The database settings (`Settings`) that a new target is created with. */
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
    const more = covers(from, into) ? '' : 'the target has more of it than the source';
    return { setting, outcome: 'carried', advice: [advice, more].filter(Boolean).join('; ') };
  }
  if (keep && hasValue(into)) {
    return {
      setting,
      outcome: 'left out',
      advice: 'the target had its own, which stayed; adjust it by hand',
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
    ...line('carried', names.running, 'it is enabled on the target; see that it does not run on both sides'),
    ...line('left out', names.other, 'another one of that name was on the target and stayed; compare them'),
    ...line('left out', names.serverWide, "the server's own configuration makes it in each database"),
    ...line('refused', names.missing, refusal(known, reason)),
  ];
}

function refusal(known: boolean, reason: string | undefined): string {
  if (!known) return "the target's server does not know it; it is of another version";
  return reason ?? 'the target did not take it; set it by hand';
}

/** A task without what belongs to one database and its nodes. */
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
  const advice = 'set what the target needs there by hand, then reload the database';
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
    const unknown = 'this version does not know it; set it on the target by hand';
    return [{ setting, outcome: 'left out', advice: settingsLeftOut[setting] ?? unknown }];
  });
  if (source.Encrypted === true && target.Encrypted !== true) {
    const advice = 'the target is not encrypted; create it encrypted by hand, empty, and migrate into that';
    outcomes.unshift({ setting: 'Encrypted', outcome: 'left out', advice });
  }
  return outcomes;
}

/** The value of a setting in a record; `Unlock` is how a database is made. */
export function settingOf(record: RecordFields, { field }: SettingKind): unknown {
  return field === 'LockMode' && record[field] === 'Unlock' ? null : record[field];
}

/** Parts by name, without the product's own: of an object its properties, of a list what has a `Name`. */
export function partsOf(parts: unknown): Map<string, unknown> {
  const all: [string, unknown][] = Array.isArray(parts)
    ? parts.map((part: { Name?: string }) => [part.Name ?? '', part])
    : Object.entries(parts ?? {});
  return new Map(all.filter(([name]) => !name.startsWith(OWN_PREFIX)));
}

/** Whether one value has everything that another one says; what is not set says nothing. */
export function covers(whole: unknown, part: unknown): boolean {
  if (part === null || part === undefined) return true;
  // a server of another version may not write what is off
  if (part === false) return !whole;
  if (typeof part !== 'object') return whole === part;
  if (typeof whole !== 'object' || whole === null) return !isSet(part);
  if (Array.isArray(part)) {
    const same = Array.isArray(whole) && whole.length === part.length;
    return same && part.every((each, at) => covers(whole[at], each));
  }
  return Object.entries(part).every(([name, each]) => covers((whole as RecordFields)[name], each));
}

/** Whether a setting is there: a `false` inside of one says something, a bare one does not. */
export function hasValue(value: unknown): boolean {
  return value !== false && isSet(value);
}

function isSet(value: unknown): boolean {
  if (value === null || value === undefined) return false;
  return typeof value !== 'object' || Object.values(value).some(isSet);
}

/**
 * Groups whose settings mean the same on any machine and change what a query, an index or a patch does. Not those
 * of storage, memory, tasks and replication: they belong to the server or to what must not run twice.
 */
const GROUPS = ['Indexing.', 'Query.', 'Patching.', 'Subscriptions.', 'PerformanceHints.'];

/** What belongs to a machine: paths, programs, and sizes of its memory or disk. */
const OF_A_MACHINE = /Path|Directory|Exec|NuGet|Mb$|Memory|Temp|Processors|Concurrent|Threads/i;

/** Whether a setting may be set on another database without looking at the machine. */
export function isSafeSetting(key: string): boolean {
  return GROUPS.some((group) => key.toLowerCase().startsWith(group.toLowerCase())) && !OF_A_MACHINE.test(key);
}
