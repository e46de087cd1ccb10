// The servers here are plain node:http: they test how lines are put together from chunks, and claim nothing of
// RavenDB.
import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { RavenConnection } from '../../../src/ravendb/connection/connection.ts';
import { Database } from '../../../src/ravendb/connection/database.ts';
import { RavenError } from '../../../src/ravendb/connection/errors.ts';
import { documentLines } from '../../../src/ravendb/requests/documents.ts';

let servers: Server[];
let connections: RavenConnection[];

beforeEach(() => {
  servers = [];
  connections = [];
});

afterEach(() => {
  for (const connection of connections) connection.close();
  for (const server of servers) {
    server.closeAllConnections();
    server.close();
  }
});

async function connect(listener: RequestListener): Promise<RavenConnection> {
  const server = createServer(listener).listen(0, '127.0.0.1');
  servers.push(server);
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const connection = RavenConnection.open('prod', { urls: [url] });
  connections.push(connection);
  return connection;
}

/** A server that sends these chunks one by one, each in a packet of its own. */
function sending(chunks: Buffer[]): Promise<RavenConnection> {
  return connect(async (request, response) => {
    request.socket.setNoDelay(true);
    for (const chunk of chunks) {
      response.write(chunk);
      await sleep(2);
    }
    response.end();
  });
}

async function linesOf(connection: RavenConnection, database = 'shop'): Promise<string[]> {
  const lines: string[] = [];
  for await (const some of documentLines(new Database(connection, database))) lines.push(...some.map(String));
  return lines;
}

const LINES = ['{"A":"ä"}', '{"B":"🚚"}', '{"C":3}'];

describe('lines of documents', () => {
  test.each(['\n', '\r\n'])('end with %j', async (end) => {
    const connection = await sending([Buffer.from(LINES.map((line) => line + end).join(''))]);
    expect(await linesOf(connection)).toEqual(LINES);
  });

  test.each([1, 2, 3, 7])('are put together from chunks of %d bytes', async (size) => {
    const all = Buffer.from(`${LINES.join('\r\n')}\r\n`);
    const chunks: Buffer[] = [];
    for (let start = 0; start < all.length; start += size) chunks.push(all.subarray(start, start + size));
    expect(await linesOf(await sending(chunks))).toEqual(LINES);
  });

  test('may be longer than many chunks', async () => {
    const long = `{"A":"${'x'.repeat(3_000_000)}"}`;
    const connection = await sending([Buffer.from(`{}\n${long}\n{}\n`)]);
    expect(await linesOf(connection)).toEqual(['{}', long, '{}']);
  });

  test('are none for an empty database, and empty lines are none', async () => {
    expect(await linesOf(await sending([]))).toEqual([]);
    expect(await linesOf(await sending([Buffer.from('\n\r\n{}\n\n')]))).toEqual(['{}']);
  });

  test('are asked for under the escaped name of the database', async () => {
    const connection = await connect((request, response) => response.end(`${request.url}\n`));
    expect(await linesOf(connection, 'a b/ü')).toEqual([
      '/databases/a%20b%2F%C3%BC/streams/docs?format=jsonl',
    ]);
  });
});

describe('lines that do not come to their end', () => {
  test('because the answer ends inside one are an error that may be tried again', async () => {
    const lines = linesOf(await sending([Buffer.from('{"A":1}\n{"B":')]));
    await expect(lines).rejects.toBeInstanceOf(RavenError);
    await expect(lines).rejects.toMatchObject({ retryable: true });
    await expect(lines).rejects.toThrow('"shop" on "prod"');
  });

  test('because the connection breaks are such an error, too', async () => {
    const connection = await connect((request, response) => {
      response.write('{"A":1}\n', () => setTimeout(() => request.socket.destroy(), 20));
    });
    const lines = linesOf(connection);
    await expect(lines).rejects.toBeInstanceOf(RavenError);
    await expect(lines).rejects.toMatchObject({ retryable: true });
  });

  test('because the reader stopped leave no open answer behind', async () => {
    const gone = Promise.withResolvers<void>();
    const connection = await connect((_request, response) => {
      response.on('close', () => gone.resolve());
      response.write('{"A":1}\n');
    });
    for await (const lines of documentLines(new Database(connection, 'shop'))) if (lines.length > 0) break;
    await gone.promise;
  });

  test('because of an abort end, too', async () => {
    const abort = new AbortController();
    const connection = await connect((_request, response) => response.write('{"A":1}\n'));
    const read = async () => {
      for await (const _lines of documentLines(new Database(connection.within(abort.signal), 'shop')))
        abort.abort();
    };
    await expect(read()).rejects.toThrow();
  });
});
