/** Changes of what belongs to the database as a whole. */
import type { Deed } from './changes.ts';
import { REVISIONS } from './everything-revisions.ts';

/** Changes of compare exchange, identities, indexes and settings, by name. */
export const clusterChanges: Record<string, Deed> = {
  'compare exchange put, changed, deleted and put again': async (application) => {
    await application.putCompareExchange('new/Ünï', '{"a":1.50,"b":9007199254740993}');
    await application.putCompareExchange('victims/0', '1.500');
    await application.putCompareExchange('metadata', '{"a":2}', '{"Owner":"Bob"}');
    for (const key of ['victims/1', 'victims/2', 'ünï/日本/😀']) await application.deleteCompareExchange(key);
    await application.putCompareExchange('victims/2', '"again"');
    await application.putCompareExchange('short', '1');
    await application.deleteCompareExchange('short');
  },
  'identities used': async (application) => {
    await application.nextIdentity('victims|');
    await application.nextIdentity('new|');
    await application.seedIdentity('Invoices/Ünï|', 2_000_000);
  },
  'indexes added, changed, deleted': async (application) => {
    await application.putIndexes(
      { Name: 'Victims/Added', Maps: ['from doc in docs.Moved select new { doc.n }'] },
      {
        Name: 'Victims/Changed',
        Maps: ['from doc in docs.Victims select new { doc.n, doc.Kind }'],
        Priority: 'High',
      },
    );
    await application.deleteIndex('Victims/Deleted');
    await application.query("from Loose where Kind = 'kind 1'");
    await application.deleteIndex('Auto/Odd/ByOwner');
  },
  'indexes disabled, enabled, locked': async (application) => {
    await application.setIndexState('Regions_Count-1.0', 'disable');
    await application.setIndexState('Victims/Enabled', 'enable');
    await application.setIndexLock('Odd/ByA', 'LockedError');
    await application.setIndexPriority('Regions_Count-1.0', 'Low');
  },
  'settings changed': async (application) => {
    await application.keepRevisions({ ...REVISIONS, Odd: { Disabled: false } });
    await application.refresh(48 * 3600);
    await application.nameValues('Victims', 'HeartRate', ['BeatsPerMinute', 'Second']);
  },
};
