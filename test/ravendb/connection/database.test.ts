// the servers here are plain node:http: they test what a handle sends, and claim nothing of RavenDB
import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { afterEach, describe, expect, test } from 'vitest';
import { RavenConnection } from '../../../src/ravendb/connection/connection.ts';
import { Database } from '../../../src/ravendb/connection/database.ts';

let server: Server | undefined;
let connection: RavenConnection | undefined;

afterEach(() => {
  connection?.close();
  server?.closeAllConnections();
  server?.close();
  server = undefined;
});

async function open(listener: RequestListener, name = 'shop'): Promise<Database> {
  server = createServer(listener).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const urls = [`http://127.0.0.1:${(server.address() as AddressInfo).port}`];
  connection = RavenConnection.open('prod', { urls });
  return new Database(connection, name);
}

/** Answers with the URL that was asked for. */
const echo: RequestListener = (request, response) => void response.end(JSON.stringify(request.url));

const ASK = { doing: 'Asking', path: 'stats?a=1' };

describe('a request of a database', () => {
  test('goes to the database, whose name is escaped', async () => {
    const database = await open(echo, 'a b/c');
    expect(await database.json(ASK)).toBe('/databases/a%20b%2Fc/stats?a=1');
    expect(database.path('docs')).toBe('/databases/a%20b%2Fc/docs');
  });

  test('goes to one shard by its name', async () => {
    const shard = (await open(echo)).shard(2);
    expect(shard.name).toBe('shop$2');
    expect(await shard.json(ASK)).toBe('/databases/shop%242/stats?a=1');
  });

  test('gives the answer with its body unread', async () => {
    const database = await open(echo);
    expect((await buffer(await database.open(ASK))).toString()).toBe('"/databases/shop/stats?a=1"');
  });

  test('names database and connection when it fails, and no address', async () => {
    const database = await open((_request, response) => response.writeHead(500).end());
    expect(database.where).toEqual({ connection: 'prod', database: 'shop' });
    for (const asked of [database.json(ASK), database.open(ASK)]) {
      await expect(asked).rejects.toThrow('Asking failed at database "shop" on connection "prod": HTTP 500.');
      await expect(asked).rejects.not.toThrow('127.0.0.1');
    }
  });

  test('gives an answer that is not 2xx, too, when that is asked for', async () => {
    const database = await open((_request, response) => response.writeHead(404).end());
    const answer = await database.ask(ASK);
    expect(answer.statusCode).toBe(404);
    answer.resume();
  });

  test('says in our words that the bytes of its answer broke off', async () => {
    const database = await open((_request, response) => {
      response.writeHead(200, { 'Content-Length': 100 });
      response.write('half', () => setTimeout(() => response.destroy(), 20));
    });
    const read = async () => {
      for await (const _ of database.bytes('Reading', await database.open(ASK)));
    };
    await expect(read()).rejects.toMatchObject({ name: 'RavenError', retryable: true });
  });
});

describe('a database within a signal', () => {
  const reason = new Error('enough');

  test.each([
    ['of its own', (own: AbortController) => own],
    ['that it had before', (_own: AbortController, outer: AbortController) => outer],
  ])('ends its requests with the reason of a signal %s', async (_which, aborted) => {
    const [own, outer] = [new AbortController(), new AbortController()];
    const database = await open(() => aborted(own, outer).abort(reason));
    await expect(database.within(outer.signal).within(own.signal).json(ASK)).rejects.toBe(reason);
  });

  test('keeps it for its shards', async () => {
    const database = await open(echo);
    await expect(database.within(AbortSignal.abort(reason)).shard(0).json(ASK)).rejects.toBe(reason);
  });

  test('leaves the database that it came from as it was', async () => {
    const database = await open(echo);
    database.within(AbortSignal.abort(reason));
    expect(await database.json(ASK)).toBe('/databases/shop/stats?a=1');
  });
});
