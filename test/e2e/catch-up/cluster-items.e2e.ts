import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { syncClusterItems } from '../../../src/engine/database-wide/cluster-items.ts';
import { Database } from '../../../src/ravendb/connection/database.ts';
import { compareExchange, identities } from '../../../src/ravendb/requests/cluster-items.ts';
import { ActivityBench } from '../../support/work/activities.ts';

let bench: ActivityBench;

beforeAll(async () => {
  bench = await ActivityBench.open();
});
afterAll(() => bench.close());

describe('compare exchange and identities', () => {
  const KEYS = ['a b', 'a/b', 'a%b', 'quo"te', 'back\\slash', 'Ärger', 'Big', 'z', '\u{fffd}', '\u{1f600}'];
  // every digit, the order of names, and what reads like the end of a value
  const VALUE =
    '{"Object":{"b":1.50,"1":12345678901234567890123,"e":1e400,"text":"},\\"Index\\":7}"},"@metadata":{"@expires":"2050-01-01T00:00:00.0000000Z"}}';

  async function put(database: string, key: string, value: string, index = 0): Promise<void> {
    const path = `cmpxchg?${new URLSearchParams({ key, index: String(index) })}`;
    const handle = new Database(bench.stack.raven, database);
    const answer = await handle.open({ doing: 'Writing', method: 'PUT', path, body: value });
    answer.resume();
  }

  async function all(database: string): Promise<Map<string, string>> {
    const found = new Map<string, string>();
    for await (const { key, value } of compareExchange(new Database(bench.stack.raven, database)))
      found.set(key, value);
    return found;
  }

  test('become equal, digit by digit, whatever the target had', async () => {
    await bench.databases({ withTarget: true });
    for (const key of KEYS) await put(bench.source, key, VALUE);
    await put(bench.target, 'z', '{"Object":"old"}');
    await put(bench.target, 'forgotten', '{"Object":1}');
    const name = encodeURIComponent('orders|');
    await bench.send('POST', `identity/seed?name=${name}&value=9007199254740993`);
    await bench.send('POST', `identity/seed?name=${encodeURIComponent('higher|')}&value=3`);
    await bench.send(
      'POST',
      `identity/seed?name=${encodeURIComponent('higher|')}&value=5`,
      undefined,
      bench.target,
    );

    expect(await syncClusterItems(bench.both, true)).toEqual([
      expect.stringMatching(/1 key is on the target only .* "forgotten"/),
    ]);
    expect((await all(bench.target)).has('forgotten')).toBe(true);

    expect(await syncClusterItems(bench.both, false)).toEqual([]);
    expect(await all(bench.target)).toEqual(await all(bench.source));
    expect([...(await all(bench.target)).keys()]).toEqual([
      'a b',
      'a%b',
      'a/b',
      'back\\slash',
      'big',
      'quo"te',
      'z',
      'ärger',
      '\u{fffd}',
      '\u{1f600}',
    ]);
    expect((await all(bench.target)).get('big')).toBe(VALUE);
    expect(await identities(new Database(bench.stack.raven, bench.target))).toEqual(
      new Map([
        ['higher|', 5n],
        ['orders|', 9007199254740993n],
      ]),
    );
  });

  test('of more than a page are walked to their end, guards left out', async () => {
    await bench.databases({ withTarget: true });
    const keys = Array.from({ length: 1500 }, (_, n) => `key/${String(n).padStart(5, '0')}`);
    for (let at = 0; at < keys.length; at += 50) {
      await Promise.all(keys.slice(at, at + 50).map((key) => put(bench.source, key, '{"Object":1}')));
    }
    await put(bench.source, 'rvn-atomic/orders/1', '{"Object":null}');
    expect([...(await all(bench.source)).keys()]).toEqual(keys);
  });
});
