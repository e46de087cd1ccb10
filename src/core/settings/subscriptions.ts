/** What becomes of the subscriptions of a database. */
import type { SettingOutcome } from './settings.ts';

/** What of a subscription is compared. */
interface Definition {
  SubscriptionName: string;
  Query: string;
  Disabled: boolean;
}

/** The subscriptions of a source, by what a target has of them. */
export interface SortedSubscriptions<T extends Definition> {
  missing: T[];
  /** There, and disabled. */
  disabled: T[];
  /** There, and open to workers. */
  enabled: T[];
  /** There is another one of that name. */
  other: T[];
}

/** Sorts them. */
export function sortSubscriptions<T extends Definition>(
  source: readonly T[],
  target: readonly Definition[],
): SortedSubscriptions<T> {
  const there = new Map(target.map((each) => [each.SubscriptionName.toLowerCase(), each]));
  const sorted: SortedSubscriptions<T> = { missing: [], disabled: [], enabled: [], other: [] };
  for (const each of source) {
    const copy = there.get(each.SubscriptionName.toLowerCase());
    if (!copy) sorted.missing.push(each);
    else if (copy.Query !== each.Query) sorted.other.push(each);
    else sorted[copy.Disabled ? 'disabled' : 'enabled'].push(each);
  }
  return sorted;
}

const START_ANEW =
  'how far the workers were does not travel, so it is disabled and would begin with the first document: say where it ' +
  'starts (its change vector, or "LastDocument"), then enable it';

/**
 * What is said of them at the end.
 * @param refused names by the reason in RavenDB's words
 */
export function subscriptionAdvice(
  { missing, disabled, enabled, other }: SortedSubscriptions<Definition>,
  refused: ReadonlyMap<string, readonly string[]>,
): SettingOutcome[] {
  const lines: [SettingOutcome['outcome'], string[], string][] = [
    ['carried', namesOf(disabled), START_ANEW],
    ['carried', namesOf(enabled), 'it is enabled on the target; it begins where it stands there'],
    ['left out', namesOf(other), 'another one of that name is on the target; compare their queries'],
    ...[...refused].map(([reason, names]): [SettingOutcome['outcome'], string[], string] => [
      'refused',
      namesOf(missing).filter((name) => names.includes(name)),
      reason,
    ]),
  ];
  return lines
    .filter(([, names]) => names.length > 0)
    .map(([outcome, names, text]) => ({
      setting: 'Subscriptions',
      outcome,
      advice: `${names.map((name) => `"${name}"`).join(', ')}: ${text}`,
    }));
}

function namesOf(subscriptions: readonly Definition[]): string[] {
  return subscriptions.map(({ SubscriptionName }) => SubscriptionName);
}
