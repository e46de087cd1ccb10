/** Which settings are not the same on two databases. Nothing is carried here. */

import type { Difference } from '../compare/verification.ts';
import { type SettingKind, settingKinds } from './setting-kinds.ts';
import {
  covers,
  definitionOf,
  hasValue,
  partsOf,
  type RecordFields,
  SERVER_WIDE,
  settingOf,
} from './settings.ts';

/** How to compare. */
interface Options {
  /** Whether the target may have what the source has not. */
  extraAllowed: boolean;
  /** Whether both servers write their records in the same way: a newer one fills in fields that the other lacks. */
  sameVersion: boolean;
}

/**
 * Compares the settings that a migration carries, those alone: what a sharded database refuses is on one side by nature.
 * Whether a task runs is no difference, nor what the configuration of a server makes in each database.
 */
export function settingDifferences(
  source: RecordFields,
  target: RecordFields,
  options: Options,
): Difference[] {
  return settingKinds.flatMap((kind) => {
    // one that the server of the target does not know cannot be there
    if (!(kind.field in target)) return [];
    const what =
      kind.shape === 'value'
        ? ofValue(kind, source, target, options)
        : ofParts(kind, source, target, options);
    return what.map((each): Difference => ({ kind: 'setting', id: kind.field, what: each }));
  });
}

function ofValue(
  kind: SettingKind,
  source: RecordFields,
  target: RecordFields,
  { extraAllowed, sameVersion }: Options,
): string[] {
  const [from, into] = [settingOf(source, kind), settingOf(target, kind)];
  if (!hasValue(from)) return hasValue(into) && !extraAllowed ? ['is on the target only'] : [];
  if (!hasValue(into)) return ['is missing on the target'];
  const same = covers(into, from) && (extraAllowed || !sameVersion || covers(from, into));
  return same ? [] : ['differs on the target'];
}

function ofParts(
  kind: SettingKind,
  source: RecordFields,
  target: RecordFields,
  { extraAllowed, sameVersion }: Options,
): string[] {
  const [from, into] = [source, target].map((record) => {
    const parts = [...partsOf(settingOf(record, kind))].filter(([name]) => !name.startsWith(SERVER_WIDE));
    return new Map(kind.shape === 'tasks' ? parts.map(([name, task]) => [name, definitionOf(task)]) : parts);
  }) as [Map<string, unknown>, Map<string, unknown>];
  const missing = [...from].flatMap(([name, ours]) => {
    if (!into.has(name)) return [`"${name}" is missing on the target`];
    const theirs = into.get(name);
    const same = covers(theirs, ours) && (!sameVersion || covers(ours, theirs));
    return same ? [] : [`"${name}" differs on the target`];
  });
  const extra = extraAllowed ? [] : [...into.keys()].filter((name) => !from.has(name));
  return [...missing, ...extra.map((name) => `"${name}" is on the target only`)];
}
