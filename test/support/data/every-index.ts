/** Indexes of every kind that RavenDB has, over documents that fill each of them. */
import { type Application, type IndexDefinition, things } from './application.ts';
import { entries } from './everything-numbers.ts';

/** The kinds of indexes that {@link putEveryIndex} makes, in the words of RavenDB's statistics. */
export const INDEX_KINDS = [
  'AutoMap',
  'AutoMapReduce',
  'JavaScriptMap',
  'JavaScriptMapReduce',
  'Map',
  'MapReduce',
];

const REDUCE =
  'from result in results group result by result.Kind into g select new { Kind = g.Key, Count = g.Sum(x => x.Count) }';

const INDEXES: IndexDefinition[] = [
  {
    Name: 'Places/Lucene',
    Maps: ['from p in docs.Places select new { p.n, p.Text }'],
    Configuration: { 'Indexing.Static.SearchEngineType': 'Lucene' },
  },
  {
    Name: 'Places/Corax',
    Maps: ['from p in docs.Places select new { p.n }'],
    Configuration: { 'Indexing.Static.SearchEngineType': 'Corax' },
  },
  {
    Name: 'Places/FullText',
    Maps: ['from p in docs.Places select new { p.Text }'],
    Fields: { Text: { Indexing: 'Search', Storage: 'Yes', TermVector: 'Yes' } },
  },
  {
    Name: 'Places/Spatial',
    Maps: ['from p in docs.Places select new { Spot = CreateSpatialField(p.Latitude, p.Longitude) }'],
  },
  { Name: 'Places/FanOut', Maps: ['from p in docs.Places from tag in p.Tags select new { tag }'] },
  {
    Name: 'Places/Dynamic',
    Maps: ['from p in docs.Places select new { _ = CreateField("at-" + p.n, p.Text) }'],
  },
  {
    Name: 'Places/Loading',
    Maps: ['from p in docs.Places let kind = LoadDocument(p.Kind, "Kinds") select new { kind.Name }'],
  },
  {
    Name: 'Two/Maps',
    Maps: ['from p in docs.Places select new { p.n }', 'from k in docs.Kinds select new { k.n }'],
  },
  {
    Name: 'Places/ByKind',
    Maps: ['from p in docs.Places select new { p.Kind, Count = 1 }'],
    Reduce: REDUCE,
  },
  {
    Name: 'Places/Output',
    Maps: ['from p in docs.Places select new { p.Kind, Count = 1 }'],
    Reduce: REDUCE,
    OutputReduceToCollection: 'PlaceCounts',
  },
  { Name: 'Places/JavaScript', Maps: ["map('Places', (p) => ({ n: p.n }))"] },
  {
    Name: 'Places/JavaScriptByKind',
    Maps: ["map('Places', (p) => ({ Kind: p.Kind, Count: 1 }))"],
    Reduce:
      'groupBy((x) => x.Kind).aggregate((g) => ({ Kind: g.key, Count: g.values.reduce((sum, x) => sum + x.Count, 0) }))',
  },
  {
    Name: 'Places/Likes',
    Maps: ['from counter in counters.Places.Likes select new { counter.DocumentId, counter.Value }'],
  },
  {
    Name: 'Places/Visits',
    Maps: ['from series in timeSeries.Places.Visits from entry in series.Entries select new { entry.Value }'],
  },
  { Name: 'Places/Errors', Maps: ['from p in docs.Places select new { Broken = 1 / (p.n - p.n) }'] },
  { Name: 'Places/Disabled', Maps: ['from p in docs.Places select new { p.n }'] },
];

/** Puts documents `places/<from>` ..., with counters, time series and what they refer to. */
export async function putPlaces(application: Application, count: number, from = 0): Promise<void> {
  const numbers = Array.from({ length: count }, (_, at) => from + at);
  await application.batch([
    ...[0, 1, 2].map((n) =>
      things.put(`kinds/${n}`, `{"Name":"kind ${n}","n":${n},"@metadata":{"@collection":"Kinds"}}`),
    ),
    ...numbers.flatMap((n) => [
      things.put(`places/${n}`, place(n)),
      things.increment(`places/${n}`, { Likes: n }),
      things.append(`places/${n}`, 'Visits', entries(2)),
    ]),
  ]);
}

function place(n: number): string {
  const fields = {
    n,
    Kind: `kinds/${n % 3}`,
    Text: `place ${n}`,
    Latitude: n % 90,
    Longitude: n,
    Tags: ['a', `t${n}`],
  };
  return JSON.stringify({ ...fields, '@metadata': { '@collection': 'Places' } });
}

/** Makes the indexes; one is disabled, and one fails on every document. */
export async function putEveryIndex(application: Application): Promise<void> {
  await application.putIndexes(...INDEXES);
  await application.query('from Places where Text = "place 1"');
  await application.query('from Places group by Kind select count(), Kind');
  await application.setIndexState('Places/Disabled', 'disable');
}

/** What an index says of itself that tells whether it was built anew. */
export interface IndexProgress {
  Name: string;
  Type: string;
  State: string;
  CreatedTimestamp: string;
  MapAttempts: number;
  IsStale: boolean;
  [field: string]: unknown;
}

const TELLING = [
  ...['Name', 'Type', 'SourceType', 'SearchEngineType', 'State', 'Status', 'IsStale', 'CreatedTimestamp'],
  ...['MapAttempts', 'MapErrors', 'ReduceAttempts', 'EntriesCount', 'ErrorsCount', 'Collections'],
];

/** How far all indexes are, by name: what they have done since they were made, and up to which etag. */
export async function indexProgress(application: Application): Promise<IndexProgress[]> {
  const { Results } = JSON.parse(await application.send('GET', 'indexes/stats')) as {
    Results: Record<string, unknown>[];
  };
  return Results.map(
    (index) => Object.fromEntries(TELLING.map((field) => [field, index[field]])) as IndexProgress,
  ).toSorted((a, b) => a.Name.localeCompare(b.Name));
}
