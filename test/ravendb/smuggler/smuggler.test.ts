// The servers here are plain node:http: they test what becomes of streams when requests fail, and claim nothing of
// RavenDB. What exports and imports do is tested on real servers.
import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { PassThrough, Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { RavenConnection } from '../../../src/ravendb/connection/connection.ts';
import { Database } from '../../../src/ravendb/connection/database.ts';
import { RavenError } from '../../../src/ravendb/connection/errors.ts';
import { importDump } from '../../../src/ravendb/smuggler/smuggler.ts';

const NEXT_ID = '/operations/next-operation-id';

let servers: Server[];
let opened: RavenConnection[];

beforeEach(() => {
  servers = [];
  opened = [];
});

afterEach(() => {
  for (const connection of opened) connection.close();
  for (const server of servers) {
    server.closeAllConnections();
    server.close();
  }
});

async function connect(listener: RequestListener, { signal } = new AbortController()): Promise<Database> {
  const server = createServer(listener).listen(0, '127.0.0.1');
  servers.push(server);
  await once(server, 'listening');
  const urls = [`http://127.0.0.1:${(server.address() as AddressInfo).port}`];
  const connection = RavenConnection.open('prod', { urls });
  opened.push(connection);
  return new Database(connection.within(signal), 'shop');
}

/** A dump larger than all buffers on its way. */
function dump(): Readable {
  return Readable.from(new Array<Buffer>(100).fill(Buffer.alloc(65_536)), { objectMode: false });
}

/** Imports a dump that is piped into the import, and tells how both ended. */
async function importPiped(database: Database) {
  const through = new PassThrough();
  return await Promise.allSettled([
    importDump(database, through, { types: ['Documents'] }),
    pipeline(dump(), through),
  ]);
}

describe('a dump that cannot be imported is given up, so that its export does not wait for ever', () => {
  test('when the import cannot even begin', async () => {
    const database = await connect((_request, response) => response.writeHead(403).end());
    const [imported, piped] = await importPiped(database);
    expect(imported).toMatchObject({ status: 'rejected', reason: { status: 403, retryable: false } });
    expect(piped.status).toBe('rejected');
  }, 3_000);

  test('when the import is refused', async () => {
    const database = await connect((request, response) => {
      if (request.url?.includes(NEXT_ID)) response.end('{"Id":1}');
      else response.writeHead(402).end('{"Type":"LicenseLimitException","Message":"No."}');
      request.resume();
    });
    const [imported, piped] = await importPiped(database);
    expect(imported).toMatchObject({ status: 'rejected', reason: { kind: 'LicenseLimitException' } });
    expect(piped.status).toBe('rejected');
  });

  test('when the import is aborted, and the server is told to stop', async () => {
    const abort = new AbortController();
    const reason = new Error('enough');
    const asked: string[] = [];
    const database = await connect((request, response) => {
      asked.push(request.url?.split('?')[0] ?? '');
      if (request.url?.includes(NEXT_ID)) response.end('{"Id":1}');
      else if (request.url?.includes('/kill')) response.writeHead(204).end();
      else request.once('data', () => abort.abort(reason));
    }, abort);
    const [imported, piped] = await importPiped(database);
    expect(imported).toEqual({ status: 'rejected', reason });
    expect(piped.status).toBe('rejected');
    expect(asked.at(-1)).toBe('/databases/shop/operations/kill');
  });
});

test('a dump that breaks off is no import: the server never sees its end', async () => {
  const ended: string[] = [];
  const database = await connect((request, response) => {
    if (request.url?.includes(NEXT_ID)) return response.end('{"Id":1}');
    if (request.url?.includes('/state')) return response.writeHead(404).end();
    request.on('error', () => undefined).on('end', () => ended.push('whole'));
    return request.resume();
  });
  const broken = new PassThrough();
  broken.write(Buffer.alloc(1000));
  setTimeout(() => broken.destroy(new Error('the export broke')), 50);
  const imported = importDump(database, broken, { types: ['Documents'] });
  await expect(imported).rejects.toBeInstanceOf(RavenError);
  await expect(imported).rejects.toMatchObject({ retryable: true });
  expect(ended).toEqual([]);
});
