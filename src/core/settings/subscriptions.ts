/** What happens to the subscriptions of a database. */
import type { SettingOutcome } from './settings.ts';

/** The compared fields of a subscription. */
interface Definition {
  SubscriptionName: string;
  Query: string;
  Disabled: boolean;
}

/** The subscriptions of a source, by their state on the target. */
export interface SortedSubscriptions<T extends Definition> {
  missing: T[];
  /** On the target, and disabled. */
  disabled: T[];
  /** On the target, and open to workers. */
  enabled: T[];
  /** The target has another one of that name. */
  other: T[];
}

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

const START_AGAIN =
  'the progress of its workers is not copied, so it is disabled and would start from the first document: set where it ' +
  'starts (its change vector, or "LastDocument"), then enable it';

/**
 * What the report says about them.
 * @param refused names by the reason in RavenDB's words
 */
export function subscriptionAdvice(
  { missing, disabled, enabled, other }: SortedSubscriptions<Definition>,
  refused: ReadonlyMap<string, readonly string[]>,
): SettingOutcome[] {
  const lines: [SettingOutcome['outcome'], string[], string][] = [
    ['carried', namesOf(disabled), START_AGAIN],
    ['carried', namesOf(enabled), 'it is enabled on the target; it continues from where it is there'],
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
