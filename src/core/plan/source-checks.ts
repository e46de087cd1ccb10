/**
 * What a sharded database refuses, changes or runs a second time. Read from the database record, so that features are
 * found that need a license.
 */

import { OWN_PREFIX } from '../contract/own-names.ts';
import { type IndexDefinition, unsupportedIndex } from '../settings/indexes.ts';
import { settingKinds, unsupportedSettings } from '../settings/setting-kinds.ts';
import { type RecordFields, SERVER_WIDE } from '../settings/settings.ts';
import { firstOf } from '../text/format.ts';
import { type Check, ok, warning } from './check.ts';

/** The fields of a subscription that decide whether a sharded database accepts it. */
interface SubscriptionDefinition {
  SubscriptionName: string;
  Query: string;
  /** Workers that are connected, and workers that were. */
  Connections?: Worker[] | null;
  RecentConnections?: Worker[] | null;
}

interface Worker {
  Strategy?: string | null;
}

/** A source as its server describes it. */
export interface SourceDescription {
  record: RecordFields;
  indexes: readonly IndexDefinition[];
  subscriptions: readonly SubscriptionDefinition[];
}

/**
 * All checks of a source's description.
 * @param target record of an existing target; empty for a new one
 * @param license the flags of the target's license
 */
export function sourceChecks(
  { record, indexes, subscriptions }: SourceDescription,
  target: RecordFields,
  license: RecordFields,
): Check[] {
  return [
    ...indexChecks(indexes),
    ...sorterCheck(record),
    ...featureCheck(record),
    ...taskChecks(record),
    ...subscriptionChecks(subscriptions),
    ...storageChecks(record, target, license),
  ];
}

function storageChecks(record: RecordFields, target: RecordFields, license: RecordFields): Check[] {
  const checks: Check[] = [];
  if (record.Encrypted === true && target.Encrypted !== true) {
    const message =
      'The source is encrypted, and the target is not: create an empty encrypted database by hand, and migrate into it.';
    checks.push(warning('encryption', message));
  }
  if (isUsed(record.DocumentsCompression) && license.HasDocumentsCompression === false) {
    const message =
      "The source compresses its documents, which the target's license does not allow: the target may need several times the space.";
    checks.push(warning('compression', message));
  }
  return checks;
}

function indexChecks(indexes: readonly IndexDefinition[]): Check[] {
  const refused = indexes.filter((index) => unsupportedIndex(index));
  const loading = indexes.filter((index) => !unsupportedIndex(index) && loadsDocuments(index));
  const checks: Check[] = [];
  if (refused.length > 0) {
    checks.push(
      warning(
        'indexes',
        `Not carried, because a sharded database refuses them: ${names(refused.map(({ Name }) => Name))}. The list of what is not carried says why: ` +
          'change them first, or their queries.',
      ),
    );
  }
  if (loading.length > 0) {
    checks.push(
      warning(
        'indexes that load',
        `${names(loading.map(({ Name }) => Name))}: an index of a sharded database finds a document that it loads only on its ` +
          'own shard; otherwise it loads null, without an error. Give both ids the same end after a "$", or store what is ' +
          'needed in the document itself.',
      ),
    );
  }
  if (checks.length > 0) return checks;
  const message =
    indexes.length > 0 ? `A sharded database accepts all ${indexes.length}.` : 'There are none.';
  return [ok('indexes', message)];
}

/** `LoadDocument` in C#, `load` in JavaScript. A match inside a string only causes a needless warning. */
const LOADS = /\bLoadDocument\s*(?:<[^>]*>)?\s*\(|\bload\s*\(/;

function loadsDocuments({ Maps, Reduce }: IndexDefinition): boolean {
  const texts = [...(Array.isArray(Maps) ? Maps : []), Reduce];
  return texts.some((text) => typeof text === 'string' && LOADS.test(text));
}

function sorterCheck({ Sorters }: RecordFields): Check[] {
  const sorters = Object.keys(Sorters ?? {});
  if (sorters.length === 0) return [];
  const message =
    `${names(sorters)}: queries of a sharded database cannot sort by a custom sorter. Index a field that has the wanted ` +
    'order, and sort by it.';
  return [warning('custom sorters', message)];
}

function featureCheck(record: RecordFields): Check[] {
  const refused = Object.keys(unsupportedSettings).filter((field) => isUsed(record[field]));
  if (refused.length === 0) return [];
  const each = refused.map((field) => `${field} (${unsupportedSettings[field]})`);
  return [warning('features', `Not carried, because a sharded database refuses them: ${each.join('; ')}.`)];
}

/** Tasks of the database. */
function taskChecks(record: RecordFields): Check[] {
  const tasks = settingKinds
    .filter(({ shape }) => shape === 'tasks')
    .flatMap(({ field }) => listOf(record[field]).map((task) => ({ ...task, field })))
    .filter(({ Disabled, Name }) => Disabled !== true && !Name.startsWith(OWN_PREFIX));
  const own = tasks.filter(({ Name }) => !Name.startsWith(SERVER_WIDE));
  const serverWide = tasks.filter(({ Name }) => Name.startsWith(SERVER_WIDE));
  const labels = (some: typeof tasks) => names(some.map(({ Name }) => Name));
  return [
    ...(own.length > 0
      ? [
          warning(
            'tasks',
            `${labels(own)} ${own.length === 1 ? 'runs' : 'run'} on the source and ${own.length === 1 ? 'is' : 'are'} disabled on the target, so that ` +
              'nothing runs on both sides. After the cutover disable them on the source and enable them on the target: they ' +
              'start from the first document again.',
          ),
        ]
      : []),
    ...(serverWide.length > 0
      ? [
          warning(
            'server-wide tasks',
            `${labels(serverWide)}: if the target is on the same cluster, it gets them too, and they run while it is filled. ` +
              'Exclude the target from them (ExcludedDatabases) until the cutover.',
          ),
        ]
      : []),
  ];
}

/** `from Orders (Revisions = true)`. */
const OF_REVISIONS = /\(\s*Revisions\s*=\s*true\s*\)/i;

function subscriptionChecks(subscriptions: readonly SubscriptionDefinition[]): Check[] {
  const refused = subscriptions.filter(({ Query }) => OF_REVISIONS.test(Query));
  const others = subscriptions.filter((each) => !refused.includes(each));
  const concurrent = others.filter(({ Connections, RecentConnections }) =>
    [...(Connections ?? []), ...(RecentConnections ?? [])].some(({ Strategy }) => Strategy === 'Concurrent'),
  );
  const labels = (some: typeof others) => names(some.map(({ SubscriptionName }) => SubscriptionName));
  const checks: Check[] = [];
  if (refused.length > 0) {
    const message = `Not carried, because a sharded database refuses them: ${labels(refused)}. Subscribe to documents instead.`;
    checks.push(warning('subscriptions to revisions', message));
  }
  if (concurrent.length > 0) {
    const message =
      `${labels(concurrent)}: a sharded database does not support concurrent workers of one subscription. Let one worker open ` +
      'it, or split it into several by their queries.';
    checks.push(warning('concurrent subscriptions', message));
  }
  if (others.length > 0) {
    const message = `${labels(others)}: copied disabled and without the progress of their workers. Set where each starts, then enable it.`;
    checks.push(warning('subscriptions', message));
  }
  return checks;
}

function listOf(value: unknown): { Name: string; Disabled?: boolean }[] {
  return Array.isArray(value) ? value.map((task) => ({ ...task, Name: task.Name ?? '' })) : [];
}

/** Whether something is configured and enabled. */
function isUsed(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  if ((value as { Disabled?: boolean }).Disabled === true) return false;
  return Object.values(value).some((each) => isUsed(each) || (typeof each !== 'object' && each !== false));
}

/** A few of them by name. */
function names(all: readonly string[]): string {
  return firstOf(
    all.map((each) => `"${each}"`),
    5,
  );
}
