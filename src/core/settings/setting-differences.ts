/** Compares the settings of two databases. */

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

interface Options {
  /** Whether the target may have settings that the source does not have. */
  extraAllowed: boolean;
  /** Whether both servers have the same version: a newer one fills in fields that the other does not have. */
  sameVersion: boolean;
}

/**
 * Compares only settings that a migration copies: what a sharded database refuses is always on one side only. Whether a
 * task is enabled does not count, nor do tasks that a server's configuration creates in every database.
 */
export function settingDifferences(
  source: RecordFields,
  target: RecordFields,
  options: Options,
): Difference[] {
  return settingKinds.flatMap((kind) => {
    // the target cannot have a setting that its server does not know
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
