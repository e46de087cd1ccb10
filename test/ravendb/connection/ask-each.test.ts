// The server here is plain node:http: it counts what is asked of it at a time.
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { MOST_SHARDS } from '../../../src/core/contract/schemas.ts';
import { defaultTuning } from '../../../src/core/contract/tuning.ts';
import { planComparison } from '../../../src/engine/compare/read-parts.ts';
import type { Work } from '../../../src/engine/work/work.ts';
import { askEach } from '../../../src/ravendb/connection/ask-each.ts';
import { Database } from '../../../src/ravendb/connection/database.ts';
import { readIndexes } from '../../../src/ravendb/requests/indexes.ts';
import { documentsByShard, storagesOf } from '../../../src/ravendb/requests/statistics.ts';
import { type PlainServer, startPlainServer } from '../../support/servers/plain-server.ts';

const { requestsAtOnce } = defaultTuning.connection;
const Shards = Object.fromEntries(Array.from({ length: MOST_SHARDS }, (_, n) => [n, { Members: ['A'] }]));

let server: PlainServer;
let database: Database;
let open: number;
let mostOpen: number;
let asked: number;

beforeEach(async () => {
  open = 0;
  mostOpen = 0;
  asked = 0;
  server = await startPlainServer(async (request, response) => {
    asked++;
    mostOpen = Math.max(mostOpen, ++open);
    await sleep(2);
    open--;
    const isRecord = request.url?.includes('admin/record');
    const record = { DatabaseName: 'shop', Sharding: { Shards } };
    const numbers = { CountOfDocuments: 1, LastDatabaseEtag: 1, DatabaseId: 'id' };
    response.end(JSON.stringify(isRecord ? record : { ...numbers, Indexes: [] }));
  });
  database = new Database(server.connection, 'shop');
});
afterEach(() => server.close());

test('a list is asked for a few at a time, and answered in its order', async () => {
  const answers = await askEach(defaultTuning.connection, [3, 2, 1], async (ms) => {
    await sleep(ms);
    return ms;
  });
  expect(answers).toEqual([3, 2, 1]);
});

describe('however many shards there are, a server gets a few requests at a time', () => {
  const work = {
    tuning: defaultTuning,
    database: (ref) => new Database(server.connection, ref.database),
  } as Work;
  const ref = { connection: 'prod', database: 'shop' };

  test.each<[string, () => Promise<unknown>]>([
    ['for what they hold', () => documentsByShard(database)],
    ['for their storages', () => storagesOf(database)],
    ['for their indexes', () => readIndexes(database)],
    ['for a plan of a comparison', () => planComparison(work, { source: ref, target: ref })],
  ])('%s', async (_what, ask) => {
    await ask();
    expect(asked).toBeGreaterThan(MOST_SHARDS);
    expect(mostOpen).toBeGreaterThan(1);
    expect(mostOpen).toBeLessThanOrEqual(requestsAtOnce);
  });
});
