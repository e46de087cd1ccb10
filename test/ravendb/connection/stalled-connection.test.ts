// The servers here are plain node:http: they test what is taken for silence, and claim nothing of RavenDB.
import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import { type AddressInfo, createServer as createTcpServer, type Server as TcpServer } from 'node:net';
import { PassThrough, Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { defaultTuning } from '../../../src/core/contract/tuning.ts';
import { RavenError } from '../../../src/ravendb/connection/errors.ts';
import { RavenHttp, RavenNodes } from '../../../src/ravendb/connection/http.ts';

const ASK = { doing: 'Asking', path: '/x' };
const UPLOAD = { doing: 'Import', path: '/', method: 'POST', database: 'shop' } as const;
const PATIENCE = { ...defaultTuning.connection, silentMs: 240, stuckMs: 1200 };
const LONGER_MS = 600;
const TIMED_OUT = { kind: 'ETIMEDOUT', retryable: true };
const MEGABYTE = Buffer.alloc(1024 * 1024);

let servers: (Server | TcpServer)[];
let opened: RavenNodes[];

beforeEach(() => {
  servers = [];
  opened = [];
});

afterEach(() => {
  for (const nodes of opened) nodes.agent.destroy();
  for (const server of servers) {
    if ('closeAllConnections' in server) server.closeAllConnections();
    server.close();
  }
});

async function connect(listener: RequestListener): Promise<RavenHttp> {
  const server = createServer(listener).listen(0, '127.0.0.1');
  servers.push(server);
  await once(server, 'listening');
  return connectTo(server);
}

function connectTo(server: Server | TcpServer): RavenHttp {
  const { port } = server.address() as AddressInfo;
  const nodes = new RavenNodes([`http://127.0.0.1:${port}`], {}, PATIENCE);
  opened.push(nodes);
  return new RavenHttp('prod', nodes);
}

async function errorOf(promise: Promise<unknown>): Promise<RavenError> {
  const error = await promise.then(
    () => new Error('it succeeded'),
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(RavenError);
  return error as RavenError;
}

describe('an answer', () => {
  test.each(['json', 'open', 'ask'] as const)('that never comes is given up: %s', async (way) => {
    const http = await connect(() => undefined);
    const error = await errorOf(http[way](ASK));
    expect(error).toMatchObject(TIMED_OUT);
    expect(error.message).toBe(
      'Asking failed at connection "prod": ETIMEDOUT. The server did not answer in time.',
    );
  });

  test('that goes silent in its middle fails for who reads it', async () => {
    const http = await connect((_request, response) => response.write('begin'));
    expect(await errorOf(text(await http.open(ASK)))).toMatchObject(TIMED_OUT);
    expect(await errorOf(http.json(ASK))).toMatchObject(TIMED_OUT);
  });

  test('that trickles is waited for, and tells again and again that it moves', async () => {
    const moves: number[] = [];
    const given = await connect(async (_request, response) => {
      for (let i = 0; i < 10; i++) {
        response.write(`${i}`);
        await sleep(LONGER_MS / 10);
      }
      response.end();
    });
    const http = given.within(new AbortController().signal, { onMoved: () => moves.push(Date.now()) });
    expect(await text(await http.open(ASK))).toBe('0123456789');
    // one of them is its beginning
    expect(moves.length).toBeGreaterThan(LONGER_MS / PATIENCE.silentMs);
    expect((moves.at(-1) ?? 0) - (moves[0] ?? 0)).toBeGreaterThan(LONGER_MS / 2);
  });

  test('that we hold back ourselves is not called silent', async () => {
    const http = await connect((_request, response) => {
      for (let i = 0; i < 20; i++) response.write(MEGABYTE);
      response.end();
    });
    const answer = await http.open(ASK);
    let bytes = 0;
    for await (const chunk of answer) {
      if (bytes === 0) await sleep(LONGER_MS);
      bytes += chunk.length;
    }
    expect(bytes).toBe(20 * MEGABYTE.length);
  });

  test('that has arrived may be read late', async () => {
    const http = await connect((_request, response) => response.end('all of it'));
    const answer = await http.open(ASK);
    await sleep(LONGER_MS);
    expect(await text(answer)).toBe('all of it');
  });
});

describe('an upload', () => {
  const endless = () =>
    Readable.from(
      (function* () {
        for (;;) yield MEGABYTE;
      })(),
      { objectMode: false },
    );

  test('whose bytes are not taken is given up, and so is what is read for it', async () => {
    const silent = createTcpServer((socket) => socket.pause().on('error', () => undefined));
    servers.push(silent.listen(0, '127.0.0.1'));
    await once(silent, 'listening');
    const body = endless();
    expect(await errorOf(connectTo(silent).open({ ...UPLOAD, body }))).toMatchObject(TIMED_OUT);
    expect(body.destroyed).toBe(true);
  });

  test('that has nothing to send for a while is not the fault of the server', async () => {
    const http = await connect(async (request, response) => response.end(await text(request)));
    const body = new PassThrough();
    const answered = http.open({ ...UPLOAD, body });
    body.write('first ');
    await sleep(LONGER_MS);
    body.end('second');
    expect(await text(await answered)).toBe('first second');
  });

  /** A server that takes all and answers late. */
  const worksFor = (ms: number) =>
    connect((request, response) => {
      request.on('error', () => undefined).on('end', () => setTimeout(() => response.end('done'), ms));
      request.resume();
    });
  const body = () => Readable.from([MEGABYTE], { objectMode: false });

  test('that is answered late is given up when nobody can tell how far it is', async () => {
    const http = await worksFor(LONGER_MS);
    expect(await errorOf(http.open({ ...UPLOAD, body: body() }))).toMatchObject(TIMED_OUT);
  });

  test.each([
    ['asking fails', () => Promise.reject(new Error('no answer'))],
    ['asking is not answered either', () => new Promise<string>(() => undefined)],
  ])('that is answered late is given up when %s', async (_when, probeProgress) => {
    const http = await worksFor(LONGER_MS);
    const startedAt = performance.now();
    expect(await errorOf(http.open({ ...UPLOAD, body: body(), probeProgress }))).toMatchObject(TIMED_OUT);
    expect(performance.now() - startedAt).toBeLessThan(LONGER_MS);
  });

  test('that the server works on is waited for, however long', async () => {
    const http = await worksFor(2 * PATIENCE.stuckMs);
    let asked = 0;
    const probeProgress = async () => `${asked++}`;
    expect(await text(await http.open({ ...UPLOAD, body: body(), probeProgress }))).toBe('done');
    // the question is for silence, not for each look
    expect(asked).toBeLessThan((2 * PATIENCE.stuckMs) / (PATIENCE.silentMs / 4));
  });

  test('that gets nowhere is given up at last, although the server answers', async () => {
    const http = await worksFor(3 * PATIENCE.stuckMs);
    const startedAt = performance.now();
    const probeProgress = async () => 'the same';
    expect(await errorOf(http.open({ ...UPLOAD, body: body(), probeProgress }))).toMatchObject(TIMED_OUT);
    expect(performance.now() - startedAt).toBeGreaterThan(PATIENCE.stuckMs);
  });
});

test('with a silent line the idle ones go: they lead the same way', async () => {
  const ports: (number | undefined)[] = [];
  const http = await connect((request, response) => {
    ports.push(request.socket.remotePort);
    if (request.url === '/x') response.end('1');
  });
  await http.json(ASK);
  await Promise.all([errorOf(http.json({ ...ASK, path: '/silent' })), http.json(ASK)]);
  await http.json(ASK);
  const [, , idle, next] = ports;
  expect(next).not.toBe(idle);
});
