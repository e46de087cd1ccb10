/** Subscriptions: their definitions travel, their progress does not. */
import type { Pair } from '../../core/contract/contract.ts';
import type { SettingOutcome } from '../../core/settings/settings.ts';
import { sortSubscriptions, subscriptionAdvice } from '../../core/settings/subscriptions.ts';
import type { Database } from '../../ravendb/connection/database.ts';
import { isRefusal } from '../../ravendb/connection/errors.ts';
import { createDisabledSubscription, subscriptions } from '../../ravendb/requests/database-record.ts';

/**
 * Creates on the target, disabled, each subscription of the source that it lacks.
 * @returns what became of them; nothing when the source has none
 * @throws RavenError
 */
export async function copySubscriptions({ source, target }: Pair<Database>): Promise<SettingOutcome[]> {
  const ours = await subscriptions(source);
  if (ours.length === 0) return [];
  const before = sortSubscriptions(ours, await subscriptions(target));
  const refused = new Map<string, string[]>();
  for (const subscription of before.missing) {
    try {
      await createDisabledSubscription(target, subscription);
    } catch (error) {
      if (!isRefusal(error)) throw error;
      const names = refused.get(error.message) ?? [];
      refused.set(error.message, [...names, subscription.SubscriptionName]);
    }
  }
  const after = sortSubscriptions(ours, await subscriptions(target));
  return subscriptionAdvice(after, refused);
}
