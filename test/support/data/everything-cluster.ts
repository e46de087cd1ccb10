/** What belongs to the database as a whole: settings, compare exchange, identities, indexes, subscriptions. */
import type { Application, IndexDefinition } from './application.ts';
import { REVISIONS } from './everything-revisions.ts';

/** How often RavenDB looks for expired documents here; an unlicensed server takes no less than 36 hours. */
const SELDOM = 36 * 3600;

/** Settings that are there from the start on, so that revisions are made. */
export async function putSettings(application: Application): Promise<void> {
  await application.keepRevisions(REVISIONS);
  await application.expire(SELDOM);
  await application.refresh(SELDOM);
  await application.nameValues('Measured', 'StockPrices', ['Open', 'Close', 'High', 'Low', 'Volume']);
}

/** Compare-exchange items, identities and subscriptions. */
export async function putClusterItems(application: Application): Promise<void> {
  const values: Record<string, string> = {
    number: '9007199254740993',
    decimal: '1.50',
    text: '"a \\"quote\\" 日本 😀"',
    null: 'null',
    object: '{"b":1.50,"a":{"@metadata":{"x":1}},"2":1,"1":[12345678901234567890]}',
    'ünï/日本/😀': '"unicode"',
    'With Space/And?Signs&#%41+"': '1',
    'Upper/Case': 'true',
  };
  for (const [key, value] of Object.entries(values)) await application.putCompareExchange(key, value);
  await application.putCompareExchange(
    'metadata',
    '{"a":1}',
    '{"@expires":"2199-01-02T03:04:05.6789012Z","Owner":"Ann"}',
  );
  for (let n = 0; n < 20; n++) await application.putCompareExchange(`victims/${n}`, `{"n":${n}.50}`);
  await application.nextIdentity('orders|');
  await application.nextIdentity('orders|');
  await application.seedIdentity('Invoices/Ünï|', 1_000_000);
  await application.seedIdentity('victims|', 10);
  await application.putSubscription('Everything', 'from Odd');
}

const INDEXES: IndexDefinition[] = [
  {
    Name: 'Odd/ByA',
    Maps: ['from doc in docs.Odd select new { doc.a, doc.id }'],
    Fields: { a: { Storage: 'Yes' }, id: { Indexing: 'Search', Analyzer: 'StandardAnalyzer' } },
    Configuration: { 'Indexing.MapTimeoutInSec': '30' },
    LockMode: 'LockedIgnore',
    Priority: 'Low',
  },
  {
    Name: 'Regions_Count-1.0',
    Maps: ['from doc in docs.Regions select new { Region = doc.n % 3, Count = 1 }'],
    Reduce:
      'from result in results group result by result.Region into g select new { Region = g.Key, Count = g.Sum(x => x.Count) }',
    Priority: 'High',
  },
  {
    Name: 'Victims/Disabled',
    Maps: ["map('Victims', (doc) => ({ n: doc.n }))"],
  },
  { Name: 'Victims/Changed', Maps: ['from doc in docs.Victims select new { doc.n }'] },
  { Name: 'Victims/Deleted', Maps: ['from doc in docs.Victims select new { doc.Version }'] },
  { Name: 'Victims/Enabled', Maps: ['from doc in docs.Victims select new { doc.Kind }'] },
  // its output is made by RavenDB, and a sharded database takes no such index
  {
    Name: 'Regions/Output',
    Maps: ['from doc in docs.Regions select new { Region = doc.n % 3, Count = 1 }'],
    Reduce:
      'from result in results group result by result.Region into g select new { Region = g.Key, Count = g.Sum(x => x.Count) }',
    OutputReduceToCollection: 'RegionCounts',
  },
];

/** Static and automatic indexes, of which some are disabled. */
export async function putIndexes(application: Application): Promise<void> {
  await application.putIndexes(...INDEXES);
  await application.query('from Odd where Owner = "Ann"');
  await application.query('from Victims group by Kind select count(), Kind');
  await application.setIndexState('Victims/Disabled', 'disable');
  await application.setIndexState('Victims/Enabled', 'disable');
}
