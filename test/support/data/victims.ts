/** Documents that hold everything at once, for changes to be done to. */

import { type Application, things } from './application.ts';
import { bytes } from './everything-attachments.ts';
import { entries } from './everything-numbers.ts';

/** How many there are in each of the two collections, for every change to have its own. */
export const VICTIMS = 80;
/** How many serve where nothing is changed: each shard of five gets some that share attachments with the others. */
export const FEW_VICTIMS = 24;

/** Ids of one number: with revisions and without, and of both kinds one id that keeps its case. */
export function victims(n: number): string[] {
  return [`Victims/${n}`, `loose/${n}`];
}

/** JSON of a victim. */
export function victim(n: number, version: number, collection?: string): string {
  const own = collection ?? 'Victims';
  return `{"n":${n},"Version":${version}.50,"Kind":"kind ${n % 5}","@metadata":{"@collection":"${own}"}}`;
}

/** The collection of an id that `victims` gave. */
export function collectionOf(id: string): string {
  return id.startsWith('Victims') ? 'Victims' : 'Loose';
}

/** Victims with attachments that they share and own, counters, time series and, half of them, revisions. */
export async function putVictims(application: Application, count = VICTIMS): Promise<void> {
  const numbers = Array.from({ length: count }, (_, n) => n);
  const ids = numbers.flatMap((n) => victims(n).map((id): [number, string] => [n, id]));
  const shared = bytes(1002, 2);
  await application.batch(
    ids.flatMap(([n, id]) => [
      things.put(id, victim(n, 1, collectionOf(id))),
      things.attach(id, 'Shared', shared),
      things.attach(id, 'own', `own of ${id}`),
      things.attach(id, 'group', `shared by group ${n % 6}`),
      things.increment(id, { likes: n + 1, views: 1000 }),
      things.append(id, 'HeartRate', entries(20)),
      things.incrementSeries(id, 'INC:Downloads', entries(4)),
    ]),
  );
  await application.putAll(ids.map(([n, id]) => [id, victim(n, 2, collectionOf(id))]));
}
