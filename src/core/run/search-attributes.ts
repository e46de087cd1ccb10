/** What lists of workflows can be filtered by: search attributes of Temporal, which a worker registers where it may. */
import { shellWord } from '../text/format.ts';
import type { RunProgress } from './progress.ts';

/** Their names and Temporal's types. */
export const searchAttributes = {
  /** What is moved, read or exported: `<connection>/<database>`. */
  ShardliftSource: 'Keyword',
  /** What is filled or compared with: `<connection>/<database>`. */
  ShardliftTarget: 'Keyword',
  ShardliftMethod: 'Keyword',
  ShardliftPhase: 'Keyword',
  /** What a person should look at, such as `refused`; absent where there is nothing. */
  ShardliftAttention: 'KeywordList',
} as const;

/** The name of one. */
export type SearchAttribute = keyof typeof searchAttributes;

/** The numbers of `temporal.api.enums.v1.IndexedValueType`. */
export const indexedValueTypes = { Keyword: 2, KeywordList: 7 } as const;

/** What a run writes into them; an absent one is unset. */
export interface SearchValues {
  ShardliftSource?: string;
  ShardliftTarget?: string;
  ShardliftMethod?: string;
  ShardliftPhase: string;
  ShardliftAttention?: string[];
}

/** SQL stores of Temporal take no longer keyword. */
const LONGEST = 255;

/** @param subjects what somebody should look at, by what it is about */
export function searchValuesOf(
  { source, target, method, phase }: RunProgress,
  subjects: readonly string[],
): SearchValues {
  const attention = [...new Set(subjects.map(keywordOf))];
  return {
    ...(source && { ShardliftSource: placeOf(source) }),
    ...(target && { ShardliftTarget: placeOf(target) }),
    ...(method && { ShardliftMethod: method }),
    ShardliftPhase: phase,
    ...(attention.length > 0 && { ShardliftAttention: attention }),
  };
}

function placeOf({ connection, database }: { connection: string; database: string }): string {
  return `${connection}/${database}`.slice(0, LONGEST);
}

/** `attempts of copyPiece` is `attempts`, `way back` is `way-back`. */
function keywordOf(subject: string): string {
  return subject.replace(/ of .*$/, '').replaceAll(' ', '-');
}

/** Those that a namespace does not know, or knows by another type. @param known by name, with the number of the type */
export function lackingSearchAttributes(known: Readonly<Record<string, unknown>>): SearchAttribute[] {
  const names = Object.keys(searchAttributes) as SearchAttribute[];
  return names.filter((name) => known[name] !== indexedValueTypes[searchAttributes[name]]);
}

/** The command of the Temporal CLI that registers some. */
export function registeringCommand(names: readonly SearchAttribute[], namespace: string): string {
  const options = names.map((name) => `--name ${name} --type ${searchAttributes[name]}`);
  return `temporal operator search-attribute create --namespace ${shellWord(namespace)} ${options.join(' ')}`;
}
