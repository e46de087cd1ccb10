/** What a target's server said to the definitions of a source, tried before anything is copied. */
import { describeSetting, type SettingOutcome } from '../settings/settings.ts';
import { firstOf } from '../text/format.ts';
import { blocker, type Check, ok, warning } from './check.ts';

/** What was tried, and what became of it. */
export interface Trial {
  /** The version of the target's server. */
  version: string;
  /** Database settings (`Settings` of the record) that it refuses, with RavenDB's reason. */
  refusedKeys: ReadonlyMap<string, string>;
  /** How many indexes were tried. */
  indexes: number;
  /** A line for each index that it refuses, with RavenDB's reason; by name. */
  refusedIndexes: ReadonlyMap<string, string>;
  /** Other settings of the record, and subscriptions, that it refuses. */
  refusedSettings: readonly SettingOutcome[];
}

/** What is said of a trial. */
export interface Tried {
  checks: Check[];
  /** What will not be on the target, and what to do about it. */
  notCarried: string[];
}

const WAY_OUT =
  'The list of what is not carried says why. Change them on the source first, or update the target.';

/** What people should know of a trial. */
export function trialFindings({ version, indexes, ...refused }: Trial): Tried {
  const server = `RavenDB ${version}, the target's server,`;
  const { refusedKeys, refusedIndexes, refusedSettings } = refused;
  const found = [
    ...[...refusedKeys].map(([key, why]) =>
      blocker(
        `database setting ${key}`,
        `${server} refuses the value that the source has. Correct or remove it in the source's database record, or create the target by hand. ${why}`,
      ),
    ),
    ...refusedAre('indexes', server, [...refusedIndexes.keys()]),
    ...refusedAre(
      'settings',
      server,
      refusedSettings.map(({ setting }) => setting),
    ),
  ];
  const all = `${server} takes all ${indexes} indexes and the settings of the source: they were tried in a database of their own.`;
  return {
    checks: found.length > 0 ? found : [ok('definitions', all)],
    notCarried: [...refusedSettings.map(describeSetting), ...refusedIndexes.values()],
  };
}

function refusedAre(what: 'indexes' | 'settings', server: string, names: readonly string[]): Check[] {
  if (names.length === 0) return [];
  const named = firstOf(names.map((name) => `"${name}"`));
  return [warning(`${what} of another version`, `${server} refuses ${named}. ${WAY_OUT}`)];
}

/** What is said where nothing could be tried. */
export function untried(why: string): Tried {
  const message =
    `The target's server has another version than the source's, and the indexes and settings of the source could not be tried there: ${why} ` +
    'What it refuses is named when it is copied.';
  return { checks: [warning('definitions', message)], notCarried: [] };
}
