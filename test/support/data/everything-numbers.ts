/** Counters and time series. */
import type { Application, Entry } from './application.ts';

const counted = (n: number): string => `{"n":${n},"@metadata":{"@collection":"Counted"}}`;
const measured = (n: number): string => `{"n":${n},"@metadata":{"@collection":"Measured"}}`;

/** Documents with counters: many, negative, large, of odd names, deleted. */
export async function putCounters(application: Application): Promise<void> {
  const ids = ['many', 'large', 'names', 'deleted', 'all-deleted', 'twice', ...range(20).map(String)];
  await application.putAll(ids.map((id, n) => [`counted/${id}`, counted(n)]));
  // a counter group holds some hundred of them
  const many = range(1500).map((n) => [`counter with a rather long name, number ${n}`, n * 7 - 3000]);
  await application.increment('counted/many', Object.fromEntries(many));
  await application.increment('counted/large', {
    large: '9223372036854775806',
    low: '-9223372036854775807',
    odd: '9007199254740993',
    zero: 0,
    negative: -1,
  });
  await application.increment('counted/names', {
    'ünï 日本 😀': 1,
    'quote"single\'': 2,
    'Case Kept': 3,
    'a/b?c&d#e%41': 4,
  });
  await application.increment('counted/deleted', { kept: 1, gone: 2, again: 3 });
  await application.deleteCounters('counted/deleted', ['gone', 'again']);
  await application.increment('counted/deleted', { again: 40 });
  await application.increment('counted/all-deleted', { one: 1, two: 2 });
  await application.deleteCounters('counted/all-deleted', ['one', 'two']);
  await application.increment('counted/twice', { likes: 5 });
  await application.increment('counted/twice', { likes: -7 });
  for (const n of range(20)) await application.increment(`counted/${n}`, { likes: n, views: n * 1000 });
}

/** Documents with time series: named values, tags, thousands of entries, incremental ones, deleted ranges. */
export async function putTimeSeries(application: Application): Promise<void> {
  const ids = ['many', 'values', 'names', 'incremental', 'range', 'whole', ...range(20).map(String)];
  await application.putAll(ids.map((id, n) => [`measured/${id}`, measured(n)]));
  await application.append('measured/many', 'HeartRate', entries(4000));
  await application.append('measured/many', 'Late', entries(3, '2199-05-06T07:08:09.123Z'));
  await application.append('measured/values', 'StockPrices', [
    { at: moment(0), values: [0.1, 0.2, 0.30000000000000004, 1e300, -1e-300], tag: 'companies/1-A' },
    { at: moment(1), values: [123456789.12345679, -0.5, 0, 9007199254740991, 1] },
    { at: moment(2), values: range(32).map((n) => n / 3), tag: 'ünï 日本 😀' },
    { at: '0001-01-01T00:00:00.000Z', values: [1] },
    { at: '9999-12-31T23:59:59.999Z', values: [2] },
  ]);
  await application.append('measured/names', 'ünï 日本 😀', entries(2));
  await application.append('measured/names', 'quote"single\' Case', entries(2));
  await application.incrementSeries('measured/incremental', 'INC:Downloads', entries(50));
  await application.incrementSeries('measured/incremental', 'INC:Downloads', entries(20));
  await application.append('measured/range', 'HeartRate', entries(500));
  await application.deleteEntries('measured/range', 'HeartRate', moment(100), moment(199));
  await application.append('measured/range', 'HeartRate', [{ at: moment(150), values: [-1], tag: 'again' }]);
  await application.append('measured/whole', 'HeartRate', entries(20));
  await application.append('measured/whole', 'Other', entries(5));
  await application.deleteEntries('measured/whole', 'HeartRate');
  for (const n of range(20)) await application.append(`measured/${n}`, 'HeartRate', entries(10 + n));
}

/**
 * Documents that lost all counters and entries before they were deleted: RavenDB keeps the emptied groups and segments
 * then, and exports them, without a document or with one of another collection. They are of the collection of
 * `counted/all-deleted`: once documents of two collections have lost all counters, RavenDB's tombstone cleaner fails.
 */
export async function putOrphans(application: Application): Promise<void> {
  const ids = ['gone', 'moved', 'again'].map((name) => `orphans/${name}`);
  await application.putAll(ids.map((id) => [id, counted(1)]));
  for (const id of ids) {
    await application.increment(id, { one: 1, two: 2 });
    await application.append(id, 'HeartRate', entries(5));
    await application.deleteCounters(id, ['one', 'two']);
    await application.deleteEntries(id, 'HeartRate');
    await application.delete(id);
  }
  await application.put('orphans/moved', '{"n":1,"@metadata":{"@collection":"Reborn"}}');
  await application.put('orphans/again', counted(2));
  await application.increment('orphans/again', { one: 7, three: 3 });
  await application.append('orphans/again', 'HeartRate', entries(2));
}

/** A moment of the tests' time series, a second apart from the next one. */
export function moment(second: number): string {
  return new Date(Date.UTC(2024, 0, 1) + second * 1000).toISOString();
}

/** Entries a second apart, some with a tag. */
export function entries(count: number, from = moment(0)): Entry[] {
  return range(count).map((n) => ({
    at: new Date(Date.parse(from) + n * 1000).toISOString(),
    values: [60 + (n % 40) + n / 7, n],
    ...(n % 3 > 0 && { tag: `watches/${n % 3}` }),
  }));
}

function range(count: number): number[] {
  return Array.from({ length: count }, (_, n) => n);
}
