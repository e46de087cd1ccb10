// The servers here are plain node:http: they test how a long body and an early answer meet, and claim nothing of
// RavenDB.
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { RavenError } from '../../../src/ravendb/connection/errors.ts';
import { RavenHttp, RavenNodes } from '../../../src/ravendb/connection/http.ts';

const MEGABYTE = 1024 * 1024;
const CHUNK = 64 * 1024;
const UPLOAD = { doing: 'Import', path: '/', method: 'POST', database: 'shop' } as const;
const REFUSAL = JSON.stringify({ Type: 'System.IO.EndOfStreamException', Message: 'The dump is cut.' });

let servers: Server[];
let opened: RavenNodes[];

beforeEach(() => {
  servers = [];
  opened = [];
});

afterEach(() => {
  for (const nodes of opened) nodes.agent.destroy();
  for (const server of servers) {
    server.closeAllConnections();
    server.close();
  }
});

async function connect(listener: RequestListener, signal?: AbortSignal): Promise<RavenHttp> {
  const server = createServer(listener).listen(0, '127.0.0.1');
  servers.push(server);
  await once(server, 'listening');
  const nodes = new RavenNodes([`http://127.0.0.1:${(server.address() as AddressInfo).port}`], {});
  opened.push(nodes);
  return new RavenHttp('prod', nodes, signal);
}

function bytes(total: number): Readable {
  async function* chunks() {
    for (let sent = 0; sent < total; sent += CHUNK) yield Buffer.alloc(CHUNK, sent / CHUNK);
  }
  return Readable.from(chunks(), { objectMode: false });
}

/** Calls back once so much of a request has been read; reads on. */
function afterReading(request: IncomingMessage, amount: number, then: () => void): void {
  let read = 0;
  request.on('error', () => undefined);
  request.on('data', (chunk: Buffer) => {
    const before = read;
    read += chunk.length;
    if (before < amount && read >= amount) then();
  });
}

async function errorOf(promise: Promise<unknown>): Promise<RavenError> {
  const error = await promise.then(
    () => new Error('it succeeded'),
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(RavenError);
  return error as RavenError;
}

test('a body of many megabytes arrives byte for byte', async () => {
  const http = await connect(async (request, response) => {
    const hash = createHash('sha256');
    for await (const chunk of request) hash.update(chunk);
    response.end(hash.digest('hex'));
  });
  const expected = createHash('sha256');
  for await (const chunk of bytes(32 * MEGABYTE)) expected.update(chunk);
  const answer = await http.open({ ...UPLOAD, body: bytes(32 * MEGABYTE) });
  expect((await answer.toArray()).join('')).toBe(expected.digest('hex'));
});

test('the answer comes only when the body is there: a slow import is waited for', async () => {
  const http = await connect((request, response) => {
    request.on('end', () => setTimeout(() => response.end('done'), 100)).resume();
  });
  const answer = await http.open({ ...UPLOAD, body: bytes(MEGABYTE) });
  expect((await answer.toArray()).join('')).toBe('done');
});

describe('a server that refuses half-way is heard', () => {
  // Kestrel too reads on for some seconds after an early answer
  test.each([0, 1, 10 * MEGABYTE])('when it reads on after %d bytes and its answer', async (amount) => {
    const http = await connect((request, response) => {
      const refuse = () => response.writeHead(500).end(REFUSAL);
      afterReading(request, amount, refuse);
      if (amount === 0) refuse();
    });
    for (let round = 0; round < 10; round++) {
      const body = bytes(40 * MEGABYTE);
      const error = await errorOf(http.open({ ...UPLOAD, body }));
      expect(error).toMatchObject({ kind: 'EndOfStreamException', status: 500, retryable: false });
      body.destroy();
    }
  });

  // the answer and the end of the connection arrive together; either may be seen first
  test('or seen to have closed, when it does not read on', async () => {
    const http = await connect((request, response) => {
      request.on('error', () => undefined);
      afterReading(request, MEGABYTE, () => {
        response.writeHead(500, { Connection: 'close' }).end(REFUSAL, () => request.socket.destroy());
      });
    });
    for (let round = 0; round < 10; round++) {
      const { kind } = await errorOf(http.open({ ...UPLOAD, body: bytes(40 * MEGABYTE) }));
      expect(['EndOfStreamException', 'EPIPE', 'ECONNRESET']).toContain(kind);
    }
  });

  test('as a closed connection, when it says nothing', async () => {
    const http = await connect((request) => afterReading(request, MEGABYTE, () => request.socket.destroy()));
    const error = await errorOf(http.open({ ...UPLOAD, body: bytes(40 * MEGABYTE) }));
    expect(error.kind).toMatch(/^(EPIPE|ECONNRESET)$/);
    expect(error.retryable).toBe(true);
  });
});

describe('a body that breaks', () => {
  test('is an error, and the server does not take it for a whole one', async () => {
    const ended: string[] = [];
    const [seen, gone] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    const http = await connect((request) => {
      seen.resolve();
      request.on('end', () => ended.push('whole'));
      request.on('error', () => undefined);
      request.on('close', () => gone.resolve());
      request.resume();
    });
    async function* broken() {
      yield Buffer.alloc(CHUNK);
      await seen.promise;
      throw Object.assign(new Error('aborted'), { code: 'ECONNRESET' });
    }
    const error = await errorOf(
      http.open({ ...UPLOAD, body: Readable.from(broken(), { objectMode: false }) }),
    );
    expect(error).toMatchObject({ kind: 'ECONNRESET', retryable: true });
    await gone.promise;
    expect(ended).toEqual([]);
  });

  test('because of an abort ends the upload with its reason', async () => {
    const gone = Promise.withResolvers<void>();
    const abort = new AbortController();
    const reason = new Error('enough');
    const http = await connect((request) => {
      request.on('close', () => gone.resolve());
      afterReading(request, MEGABYTE, () => abort.abort(reason));
    }, abort.signal);
    await expect(http.open({ ...UPLOAD, body: bytes(400 * MEGABYTE) })).rejects.toBe(reason);
    await gone.promise;
  });
});
