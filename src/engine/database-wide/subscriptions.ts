/** Subscriptions: their definitions travel, their progress does not. */
import type { SettingOutcome } from '../../core/settings/settings.ts';
import { sortSubscriptions, subscriptionAdvice } from '../../core/settings/subscriptions.ts';
import type { RavenConnection } from '../../ravendb/connection/connection.ts';
import { isRefusal } from '../../ravendb/connection/errors.ts';
import { createDisabledSubscription, subscriptions } from '../../ravendb/requests/database-record.ts';

interface Side {
  connection: RavenConnection;
  database: string;
}

/**
 * Creates on the target, disabled, each subscription of the source that it lacks.
 * @returns what became of them; nothing when the source has none
 * @throws RavenError
 */
export async function carrySubscriptions(from: Side, into: Side): Promise<SettingOutcome[]> {
  const ours = await subscriptions(from.connection, from.database);
  if (ours.length === 0) return [];
  const before = sortSubscriptions(ours, await subscriptions(into.connection, into.database));
  const refused = new Map<string, string[]>();
  for (const subscription of before.missing) {
    try {
      await createDisabledSubscription(into.connection, into.database, subscription);
    } catch (error) {
      if (!isRefusal(error)) throw error;
      const names = refused.get(error.message) ?? [];
      refused.set(error.message, [...names, subscription.SubscriptionName]);
    }
  }
  const after = sortSubscriptions(ours, await subscriptions(into.connection, into.database));
  return subscriptionAdvice(after, refused);
}
