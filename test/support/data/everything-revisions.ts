/** Revisions: of living and of deleted documents, with what documents had then and have no longer. */

import pMap from 'p-map';
import type { Application } from './application.ts';
import { bytes } from './everything-attachments.ts';
import { entries } from './everything-numbers.ts';

/** Collections of which the source keeps revisions. */
export const REVISIONS = {
  Kept: { Disabled: false, PurgeOnDelete: false },
  Victims: { Disabled: false, PurgeOnDelete: false },
  Few: { Disabled: false, PurgeOnDelete: true, MinimumRevisionsToKeep: 2 },
  'Müller 日本 😀': { Disabled: true },
};

const kept = (n: number, version: number): string =>
  `{"Version":${version},"n":${n}.50,"Big":9007199254740993,"@metadata":{"@collection":"Kept","Owner":"v${version}"}}`;

/** Documents with revisions. */
export async function putRevisions(application: Application): Promise<void> {
  const shared = bytes(1001, 1);
  const numbers = Array.from({ length: 30 }, (_, n) => n);
  await pMap(
    numbers,
    async (n) => {
      const id = `kept/${n}`;
      await application.put(id, kept(n, 1));
      if (n % 2 === 0) await application.attach(id, 'shared', shared);
      if (n % 3 === 0) await application.attach(id, 'own', `of revision ${n}`);
      if (n % 5 === 0) {
        await application.increment(id, { likes: n, 'ünï 😀': 1 });
        await application.append(id, 'HeartRate', entries(5));
      }
      await application.put(id, kept(n, 2));
      // revisions keep what the document loses here
      if (n % 4 === 0) await application.detach(id, 'shared');
      if (n % 6 === 0) await application.detach(id, 'own');
      if (n % 10 === 0) await application.deleteCounters(id, ['likes']);
      await application.put(id, kept(n, 3));
      if (n % 7 === 0) await application.delete(id);
      if (n % 14 === 0) await application.put(id, kept(n, 4));
      if (n % 11 === 0) await application.deleteRevisions(id);
    },
    { concurrency: 8 },
  );
  const ids = ['kept/Deleted Ünï 😀', 'kept/deleted?&#%41"', 'kept/deleted$kept/1'];
  for (const id of ids) {
    await application.put(id, kept(1, 1));
    await application.attach(id, 'shared', shared);
    await application.attach(id, 'gone', `only on a revision of ${id}`);
    await application.put(id, kept(1, 2));
    await application.delete(id);
  }
  for (let version = 0; version < 5; version++) {
    const json = `{"Version":${version},"@metadata":{"@collection":"Few"}}`;
    await application.putAll([
      ['few/1', json],
      ['few/purged', json],
    ]);
  }
  await application.delete('few/purged');
  await application.put('forced/1', '{"a":1.50,"@metadata":{"@collection":"Forced"}}');
  await application.forceRevision('forced/1');
  await application.put('forced/1', '{"a":2.50,"@metadata":{"@collection":"Forced"}}');
}
