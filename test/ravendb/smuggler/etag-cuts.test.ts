// The server here is plain node:http: it tests what is asked of a server. What exports hold is tested on real servers.
import { setTimeout as sleep } from 'node:timers/promises';
import { zstdCompressSync } from 'node:zlib';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { defaultTuning } from '../../../src/core/contract/tuning.ts';
import { Database } from '../../../src/ravendb/connection/database.ts';
import { usableCuts } from '../../../src/ravendb/smuggler/etag-cuts.ts';
import { type PlainServer, startPlainServer } from '../../support/servers/plain-server.ts';

const LAST_ETAG = 1_000;
const STORAGE = 'abcdefghijklmnopqrstuv';

let server: PlainServer;
let database: Database;
/** Etags whose items came from another database. */
let foreign: Set<number>;
let open: number;
let mostOpen: number;

beforeEach(async () => {
  foreign = new Set();
  open = 0;
  mostOpen = 0;
  server = await startPlainServer(async (request, response) => {
    const url = new URL(request.url ?? '', 'http://localhost');
    if (url.pathname.endsWith('/operations/next-operation-id')) return response.end('{"Id":1}');
    if (!url.pathname.endsWith('/smuggler/export')) return response.writeHead(204).end();
    mostOpen = Math.max(mostOpen, ++open);
    await sleep(5);
    open--;
    const etag = Math.max(1, Number(url.searchParams.get('startEtag')));
    const vector = foreign.has(etag) ? 'B:7-anotherdatabaseanother1' : `A:${etag}-${STORAGE}`;
    const document = { '@metadata': { '@id': `items/${etag}`, '@change-vector': vector } };
    return response.end(zstdCompressSync(JSON.stringify({ BuildVersion: 71, Docs: [document] })));
  });
  database = new Database(server.connection, 'shop');
});

afterEach(() => server.close());

async function cuts(most: number): Promise<number[]> {
  const whole = { kind: 'Documents', items: 1e6, perPiece: 1, most } as const;
  return await usableCuts(database, { databaseId: STORAGE, lastEtag: LAST_ETAG }, whole);
}

test('a hundred pieces take a few exports at a time', async () => {
  expect(await cuts(100)).toHaveLength(99);
  expect(mostOpen).toBeGreaterThan(1);
  expect(mostOpen).toBeLessThanOrEqual(defaultTuning.connection.requestsAtOnce);
});

test('a cut before an item of another database is dropped', async () => {
  expect(await cuts(4)).toEqual([251, 501, 751]);
  foreign.add(501);
  expect(await cuts(4)).toEqual([251, 751]);
});
