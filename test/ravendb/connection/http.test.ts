// The servers here are plain node:http: they test how bytes and errors travel, and claim nothing of RavenDB.
import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { RavenError } from '../../../src/ravendb/connection/errors.ts';
import { RavenHttp, RavenNodes } from '../../../src/ravendb/connection/http.ts';

const ASK = { doing: 'Asking', path: '/x' };

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

async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener).listen(0, '127.0.0.1');
  servers.push(server);
  await once(server, 'listening');
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** A server that answers with its own name. */
function serveName(name: string): Promise<string> {
  return serve((_request, response) => response.end(JSON.stringify(name)));
}

/** An address at which nothing listens. */
async function refusing(): Promise<string> {
  const url = await serveName('gone');
  const server = servers.pop();
  server?.close();
  return url;
}

function nodesAt(...urls: string[]): RavenNodes {
  const nodes = new RavenNodes(urls, {});
  opened.push(nodes);
  return nodes;
}

function open(...urls: string[]): RavenHttp {
  return new RavenHttp('prod', nodesAt(...urls));
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
  test('is read as JSON', async () => {
    const http = open(await serve((_request, response) => response.end('{"Grüße":[1.5,null]}')));
    expect(await http.json(ASK)).toEqual({ Grüße: [1.5, null] });
  });

  test.each([200, 201, 204])('with %d and nothing in it is undefined', async (status) => {
    const http = open(await serve((_request, response) => response.writeHead(status).end()));
    expect(await http.json(ASK)).toBeUndefined();
  });

  test('that is no JSON is an error', async () => {
    const http = open(await serve((_request, response) => response.end('<html>')));
    expect(await errorOf(http.json(ASK))).toMatchObject({ retryable: true });
  });

  test('that breaks off is an error that may be tried again', async () => {
    const http = open(
      await serve((request, response) => {
        response.writeHead(200, { 'Content-Length': 100 });
        response.write('{"a":', () => request.socket.destroy());
      }),
    );
    expect(await errorOf(http.json(ASK))).toMatchObject({ kind: 'ECONNRESET', retryable: true });
  });

  test('that breaks off while it is read says what for it was read', async () => {
    const http = open(
      await serve((request, response) => response.write('begin', () => request.socket.destroy())),
    );
    const error = await errorOf(http.open({ ...ASK, database: 'shop' }).then(text));
    expect(error).toMatchObject({ kind: 'ECONNRESET', retryable: true });
    expect(error.message).toMatch(/^Asking failed at database "shop" on connection "prod": /);
  });

  test.each([301, 304, 400, 404, 500, 503])('with %d is an error that knows it', async (status) => {
    const body = status === 304 ? undefined : '{"Type":"System.OddException","Message":"No."}';
    const http = open(await serve((_request, response) => response.writeHead(status).end(body)));
    const error = await errorOf(http.json({ ...ASK, database: 'shop' }));
    expect(error).toMatchObject({ status, retryable: status >= 500 });
    expect(error.message).toMatch(/^Asking failed at database "shop" on connection "prod": /);
    expect(await errorOf(http.open(ASK))).toMatchObject({ status });
  });

  test.each([200, 404, 500])(
    'with %d is given as it is to who asks for it whatever it says',
    async (status) => {
      const http = open(await serve((_request, response) => response.writeHead(status).end('as it is')));
      const answer = await http.ask(ASK);
      expect(answer.statusCode).toBe(status);
      expect(await text(answer)).toBe('as it is');
    },
  );

  test('is given as soon as its head is there; its body is read as it comes', async () => {
    const http = open(
      await serve((_request, response) => {
        response.write('first ');
        setTimeout(() => response.end('second'), 20);
      }),
    );
    const answer = await http.open(ASK);
    expect(answer.complete).toBe(false);
    expect(await text(answer)).toBe('first second');
  });
});

describe('a request', () => {
  test('sends method, path and JSON with its type', async () => {
    const http = open(
      await serve(async (request, response) => {
        const { method, url, headers } = request;
        response.end(
          JSON.stringify({ method, url, type: headers['content-type'], body: await text(request) }),
        );
      }),
    );
    expect(
      await http.json({ doing: 'Asking', path: '/databases/a%20b?x=1', method: 'PUT', json: ['ä'] }),
    ).toEqual({
      method: 'PUT',
      url: '/databases/a%20b?x=1',
      type: 'application/json; charset=utf-8',
      body: '["ä"]',
    });
    expect(await http.json(ASK)).toMatchObject({ method: 'GET', body: '' });
  });

  test('does not mind a slash at the end of an address', async () => {
    const url = await serve((request, response) => response.end(JSON.stringify(request.url)));
    expect(await open(`${url}//`).json(ASK)).toBe('/x');
  });

  test('after another uses the same connection', async () => {
    const ports = new Set<number | undefined>();
    const http = open(
      await serve((request, response) => {
        ports.add(request.socket.remotePort);
        response.end('1');
      }),
    );
    for (let i = 0; i < 3; i++) await http.json(ASK);
    expect(ports.size).toBe(1);
  });
});

describe('of several nodes', () => {
  test('the first is used when it answers', async () => {
    const [a, b] = [await serveName('a'), await serveName('b')];
    expect(await open(a, b).json(ASK)).toBe('a');
  });

  test('the second is used when the first refuses, with the same body', async () => {
    const echo = await serve(async (request, response) => response.end(await text(request)));
    const nodes = nodesAt(await refusing(), echo);
    const http = new RavenHttp('prod', nodes);
    expect(await http.json({ ...ASK, method: 'POST', json: { a: 1 } })).toEqual({ a: 1 });
    expect(nodes.url).toBe(echo);
  });

  test('the one that answered is shared by all doors to a connection', async () => {
    const nodes = nodesAt(await refusing(), await serveName('b'));
    await new RavenHttp('prod', nodes).json(ASK);
    const body = Readable.from([Buffer.from('x')]);
    const answer = await new RavenHttp('prod', nodes).open({ ...ASK, method: 'POST', body });
    expect(await text(answer)).toBe('"b"');
  });

  test('the one that answered is stayed with, for etags belong to a node', async () => {
    const first = await refusing();
    const http = open(first, await serveName('b'));
    expect(await http.json(ASK)).toBe('b');
    const back = createServer((_request, response) => response.end('"a"'));
    back.listen(Number(new URL(first).port), '127.0.0.1');
    servers.push(back);
    await once(back, 'listening');
    expect(await http.json(ASK)).toBe('b');
  });

  test('each is tried once when all refuse', async () => {
    const nodes = nodesAt(await refusing(), await refusing(), await refusing());
    const turns = vi.spyOn(nodes, 'turnFrom');
    const error = await errorOf(new RavenHttp('prod', nodes).json(ASK));
    expect(error).toMatchObject({ kind: 'ECONNREFUSED', retryable: true });
    expect(turns).toHaveBeenCalledTimes(2);
  });

  test('the next is used by requests that run side by side, too', async () => {
    const http = open(await refusing(), await serveName('b'));
    expect(await Promise.all([http.json(ASK), http.json(ASK), http.json(ASK)])).toEqual(['b', 'b', 'b']);
  });

  test('the next is used when the host of the first cannot be reached', async () => {
    const http = open('http://255.255.255.255:9', await serveName('b'));
    expect(await http.json(ASK)).toBe('b');
  });

  test('an error of the first is an answer: the second is not asked', async () => {
    const failing = await serve((_request, response) => response.writeHead(503).end());
    const error = await errorOf(open(failing, await serveName('b')).json(ASK));
    expect(error).toMatchObject({ status: 503 });
  });

  test('a stream is not sent to a second one: it can be read only once', async () => {
    const http = open(await refusing(), await serveName('b'));
    const body = Readable.from([Buffer.from('x')]);
    const error = await errorOf(http.open({ ...ASK, method: 'POST', body }));
    expect(error).toMatchObject({ kind: 'ECONNREFUSED', retryable: true });
  });
});

describe('an aborted signal', () => {
  const reason = new Error('enough');
  const silent = () => serve(() => undefined);

  function openWithin(signal: AbortSignal, ...urls: string[]): RavenHttp {
    return new RavenHttp('prod', nodesAt(...urls), signal);
  }

  test.each(['json', 'open'] as const)('ends a request that waits, with its own reason: %s', async (way) => {
    const abort = new AbortController();
    const asked = openWithin(abort.signal, await silent())[way](ASK);
    setTimeout(() => abort.abort(reason), 20);
    await expect(asked).rejects.toBe(reason);
  });

  test('keeps a request from being sent', async () => {
    let asked = 0;
    const url = await serve((_request, response) => response.end(String(asked++)));
    const http = openWithin(AbortSignal.abort(reason), url);
    await expect(http.open(ASK)).rejects.toBe(reason);
    await expect(http.json(ASK)).rejects.toBe(reason);
    expect(asked).toBe(0);
  });

  test('does not keep one that tidies up from being sent', async () => {
    const http = openWithin(AbortSignal.abort(reason), await serveName('a'));
    expect(await http.unaborted.json(ASK)).toBe('a');
  });

  test('ends an answer that is being read', async () => {
    const abort = new AbortController();
    const http = openWithin(abort.signal, await serve((_request, response) => response.write('begin')));
    const answer = await http.open(ASK);
    setTimeout(() => abort.abort(reason), 20);
    await expect(text(answer)).rejects.toThrow();
    const asked = http.json(ASK);
    await expect(asked).rejects.toBe(reason);
  });

  test('does not move on to another node', async () => {
    const http = openWithin(AbortSignal.abort(reason), await refusing(), await serveName('b'));
    await expect(http.json(ASK)).rejects.toBe(reason);
  });

  test('that is never aborted changes nothing', async () => {
    expect(await openWithin(new AbortController().signal, await serveName('a')).json(ASK)).toBe('a');
  });
});
