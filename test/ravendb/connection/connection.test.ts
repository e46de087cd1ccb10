import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { GetBuildNumberOperation, IndexDefinition, PutIndexesOperation } from 'ravendb';
import { afterEach, describe, expect, test } from 'vitest';
import { Connections, type RavenConnection } from '../../../src/ravendb/connection/connection.ts';
import { RavenError } from '../../../src/ravendb/connection/errors.ts';

const SETTINGS = {
  prod: { urls: ['http://127.0.0.1:1'] },
  cluster: {
    urls: ['https://127.0.0.1:2'],
    certificate: '/nowhere/client.pfx',
    certificatePassword: 's3cret',
  },
};

let connections: Connections;

afterEach(() => connections.close());

function refusal(name: string): RavenError {
  try {
    connections.get(name);
  } catch (error) {
    if (error instanceof RavenError) return error;
  }
  throw new Error('it was opened');
}

describe('a connection', () => {
  test('is opened once and then the same', () => {
    connections = new Connections(SETTINGS);
    const prod = connections.get('prod');
    expect(prod.name).toBe('prod');
    expect(connections.get('prod')).toBe(prod);
  });

  test('is opened anew after all were closed', () => {
    connections = new Connections(SETTINGS);
    const prod = connections.get('prod');
    connections.close();
    expect(connections.get('prod')).not.toBe(prod);
  });

  test.each(['prot', '', 'PROD', 'constructor', '__proto__'])(
    'that is not configured is refused: %j',
    (name) => {
      connections = new Connections(SETTINGS);
      const error = refusal(name);
      expect(error).toMatchObject({ kind: 'UnknownConnection', retryable: false });
      expect(error.message).toBe(
        `Connection "${name}" is not in the worker's configuration (known: "prod", "cluster"). ` +
          'Add it to shardlift.yaml, or set SHARDLIFT_CONNECTION_<NAME>_URLS, and restart the worker.',
      );
    },
  );

  test('is refused with "none" when nothing is configured', () => {
    connections = new Connections({});
    expect(refusal('prod').message).toContain('(known: none)');
  });

  test('whose certificate is missing says so by its field, and bothers no other connection', () => {
    connections = new Connections(SETTINGS);
    const error = refusal('cluster');
    expect(error).toMatchObject({ kind: 'TLS', retryable: false });
    expect(error.message).toBe('The file in certificate of connection "cluster" cannot be read (ENOENT).');
    expect(connections.get('prod').name).toBe('prod');
  });

  test('whose CA is missing says so by its field', () => {
    connections = new Connections({ prod: { urls: ['https://127.0.0.1:1'], ca: '/nowhere/ca.pem' } });
    expect(refusal('prod').message).toBe('The file in ca of connection "prod" cannot be read (ENOENT).');
  });
});

describe('the client of a connection within a signal', () => {
  const reason = new Error('enough');

  function within(signal: AbortSignal): RavenConnection {
    connections = new Connections(SETTINGS);
    return connections.get('prod').within(signal);
  }

  test('gives what it was run for', async () => {
    const { signal } = new AbortController();
    expect(await within(signal).withClient('Asking', 'shop', () => Promise.resolve(42))).toBe(42);
  });

  test('turns what was thrown into a RavenError', async () => {
    const { signal } = new AbortController();
    const failing = () => Promise.reject(Object.assign(new Error('x'), { name: 'LicenseLimitException' }));
    const asked = within(signal).withClient('Asking', 'shop', failing);
    await expect(asked).rejects.toBeInstanceOf(RavenError);
    await expect(asked).rejects.toMatchObject({ kind: 'LicenseLimitException', retryable: false });
    await expect(asked).rejects.toThrow('Asking failed at database "shop" on connection "prod"');
  });

  test('is not run at all after an abort', async () => {
    let ran = false;
    const run = async () => {
      ran = true;
    };
    await expect(within(AbortSignal.abort(reason)).withClient('Asking', 'shop', run)).rejects.toBe(reason);
    expect(ran).toBe(false);
  });

  test('ends no other request of the connection', async () => {
    const connection = within(AbortSignal.abort(reason));
    expect(connections.get('prod').http.signal).toBeUndefined();
    expect(connection.http.unaborted.signal).toBeUndefined();
    expect(await connections.get('prod').withClient('Asking', 'shop', () => Promise.resolve(42))).toBe(42);
  });
});

// the servers here are plain node:http: they test how the client's requests travel, and claim nothing of RavenDB
describe('the requests of the client', () => {
  let servers: Server[] = [];

  afterEach(() => {
    for (const server of servers) {
      server.closeAllConnections();
      server.close();
    }
    servers = [];
  });

  async function serve(listener: RequestListener): Promise<string> {
    const server = createServer(listener).listen(0, '127.0.0.1');
    servers.push(server);
    await once(server, 'listening');
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  }

  function serveName(name: string): Promise<string> {
    return serve((_request, response) => {
      response.setHeader('Content-Type', 'application/json').end(JSON.stringify({ ProductVersion: name }));
    });
  }

  function open(...urls: string[]): RavenConnection {
    connections = new Connections({ prod: { urls } });
    return connections.get('prod');
  }

  function askVersion(connection: RavenConnection) {
    return connection.withClient('Asking', 'shop', (store) =>
      store.maintenance.server.send(new GetBuildNumberOperation()),
    );
  }

  test('go to the node to which raw requests go, when another one is down', async () => {
    const first = await serveName('first');
    servers.pop()?.close();
    const connection = open(first, await serveName('second'));
    expect(await connection.http.json({ doing: 'Asking', path: '/' })).toEqual({ ProductVersion: 'second' });
    expect(await askVersion(connection)).toMatchObject({ productVersion: 'second' });
  });

  test('find the second node by themselves', async () => {
    const first = await serveName('first');
    servers.pop()?.close();
    expect(await askVersion(open(first, await serveName('second')))).toMatchObject({
      productVersion: 'second',
    });
  });

  test('carry method, database and body', async () => {
    const seen: string[] = [];
    const url = await serve(async (request, response) => {
      seen.push(`${request.method} ${request.url?.split('?')[0]} ${await text(request)}`);
      response.setHeader('Content-Type', 'application/json').end('{"Results":[{"Index":"Orders"}]}');
    });
    const index = new IndexDefinition();
    index.name = 'Orders';
    index.maps = new Set(['from o in docs.Orders select new { o.Total }']);
    await open(url).withClient('Putting', 'shop', (store) =>
      store.maintenance.forDatabase('shop').send(new PutIndexesOperation(index)),
    );
    expect(seen.at(-1)).toMatch(/^PUT \/databases\/shop\/admin\/indexes \{.*docs\.Orders.*\}$/);
  });

  test('that the server refuses are errors by its exception', async () => {
    const url = await serve((_request, response) => {
      const body = {
        Type: 'Raven.Client.Exceptions.Commercial.LicenseLimitException',
        Message: 'No.',
        Error: 'No.',
      };
      response.writeHead(402, { 'Content-Type': 'application/json' }).end(JSON.stringify(body));
    });
    const asked = askVersion(open(url));
    await expect(asked).rejects.toBeInstanceOf(RavenError);
    await expect(asked).rejects.toMatchObject({ kind: 'LicenseLimitException', retryable: false });
    await expect(asked).rejects.toThrow('Asking failed at database "shop" on connection "prod"');
  });

  test.each(['before the answer', 'in the middle of the answer'])(
    'end with the reason of an abort: %s',
    async (when) => {
      const abort = new AbortController();
      const reason = new Error('enough');
      const url = await serve((_request, response) => {
        if (when === 'before the answer') return abort.abort(reason);
        return response.write('{"a":', () => setTimeout(() => abort.abort(reason), 20));
      });
      await expect(askVersion(open(url).within(abort.signal))).rejects.toBe(reason);
    },
  );

  test('that break off are errors that may be tried again', async () => {
    const url = await serve((request, response) => {
      response.writeHead(200, { 'Content-Length': 100 });
      response.write('{"a":', () => request.socket.destroy());
    });
    await expect(askVersion(open(url))).rejects.toMatchObject({ name: 'RavenError', retryable: true });
  });
});
