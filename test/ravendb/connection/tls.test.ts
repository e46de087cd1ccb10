// The server here is plain node:https: it tests who trusts whom and which certificate is shown, and claims nothing
// of RavenDB.
import { execFileSync, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TLSSocket } from 'node:tls';
import { GetBuildNumberOperation } from 'ravendb';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { ConnectionSettings } from '../../../src/config/config.ts';
import { RavenConnection } from '../../../src/ravendb/connection/connection.ts';
import { RavenError } from '../../../src/ravendb/connection/errors.ts';

const PASSWORD = 's3cret';
const hasOpenssl = spawnSync('openssl', ['version']).status === 0;

let folder: string;
let server: Server;
let url: string;
let opened: RavenConnection[] = [];

function openssl(...args: string[]): void {
  execFileSync('openssl', args, { cwd: folder, stdio: 'pipe' });
}

function bundle(file: string, ...parts: string[]): void {
  writeFileSync(join(folder, file), parts.map((part) => readFileSync(join(folder, part), 'utf8')).join(''));
}

/** Certificates of a server and of clients; their common names tell them apart. */
function makeCertificates(): void {
  const selfSigned = ['req', '-x509', '-nodes', '-days', '2', '-out'];
  const names = ['-addext', 'subjectAltName=IP:127.0.0.1'];
  openssl(
    ...selfSigned,
    'server.crt',
    '-newkey',
    'rsa:2048',
    '-keyout',
    'server.key',
    '-subj',
    '/CN=server',
    ...names,
  );
  openssl(...selfSigned, 'rsa.crt', '-newkey', 'rsa:2048', '-keyout', 'rsa.key', '-subj', '/CN=rsa');
  openssl('rsa', '-in', 'rsa.key', '-traditional', '-out', 'rsa1.key');
  openssl('pkcs8', '-topk8', '-in', 'rsa.key', '-passout', `pass:${PASSWORD}`, '-out', 'locked.key');
  openssl(
    'pkcs12',
    '-export',
    '-inkey',
    'rsa.key',
    '-in',
    'rsa.crt',
    '-passout',
    `pass:${PASSWORD}`,
    '-out',
    'rsa.pfx',
  );
  const curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1'];
  openssl(...selfSigned, 'ec.crt', ...curve, '-keyout', 'ec.key', '-subj', '/CN=ec');
  bundle('pkcs8.pem', 'rsa.crt', 'rsa.key');
  bundle('key-first.pem', 'rsa.key', 'rsa.crt');
  bundle('pkcs1.pem', 'rsa.crt', 'rsa1.key');
  bundle('locked.pem', 'rsa.crt', 'locked.key');
  bundle('ec.pem', 'ec.crt', 'ec.key');
  writeFileSync(join(folder, 'garbage.pfx'), 'not a certificate');
}

beforeAll(async () => {
  if (!hasOpenssl) return;
  folder = mkdtempSync(join(tmpdir(), 'shardlift-tls-'));
  makeCertificates();
  const [cert, key] = ['server.crt', 'server.key'].map((file) => readFileSync(join(folder, file)));
  // the answer tells which certificate the client showed, in the only field that the client's operation gives
  server = createServer({ cert, key, requestCert: true, rejectUnauthorized: false }, (request, response) => {
    const shown = (request.socket as TLSSocket).getPeerCertificate().subject?.CN ?? 'none';
    response.setHeader('Content-Type', 'application/json').end(JSON.stringify({ ProductVersion: shown }));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  url = `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
});

afterEach(() => {
  for (const connection of opened) connection.close();
  opened = [];
});

afterAll(() => {
  server?.closeAllConnections();
  server?.close();
  if (folder) rmSync(folder, { recursive: true, force: true });
});

interface Files extends Partial<ConnectionSettings> {
  password?: string;
}

function connect({ certificate, ca, password }: Files): RavenConnection {
  const connection = RavenConnection.open('prod', {
    urls: [url],
    ca: ca && join(folder, ca),
    certificate: certificate && join(folder, certificate),
    certificatePassword: password,
  });
  opened.push(connection);
  return connection;
}

/** Which certificate a raw request showed. */
async function shownByRequest(files: Files): Promise<string> {
  const path = '/build/version';
  return (await connect(files).http.json<{ ProductVersion: string }>({ doing: 'Asking', path }))
    .ProductVersion;
}

/** Which certificate RavenDB's own client showed. */
async function shownByClient(files: Files): Promise<string | undefined> {
  const build = await connect(files).withClient('Asking', undefined, (store) =>
    store.maintenance.server.send(new GetBuildNumberOperation()),
  );
  return build.productVersion;
}

const ways: [string, (files: Files) => Promise<string | undefined>][] = [
  ['a raw request', shownByRequest],
  ["RavenDB's own client", shownByClient],
];

async function errorOf(asking: () => Promise<unknown>): Promise<RavenError> {
  const error = await asking().then(
    () => new Error('it succeeded'),
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(RavenError);
  return error as RavenError;
}

describe.skipIf(!hasOpenssl).each(ways)('TLS of %s (skipped without openssl on the PATH)', (_way, shown) => {
  test('refuses a server whose certificate nobody vouches for, for good', async () => {
    const error = await errorOf(() => shown({}));
    expect(error).toMatchObject({ kind: 'TLS', retryable: false });
    expect(error.message).toContain('connection "prod"');
    expect(error.message).not.toContain('127.0.0.1');
    expect(error.message).not.toContain(new URL(url).port);
  });

  test('trusts it with the CA', async () => {
    expect(await shown({ ca: 'server.crt' })).toBe('none');
  });

  test('refuses it with another CA', async () => {
    expect(await errorOf(() => shown({ ca: 'rsa.crt' }))).toMatchObject({ kind: 'TLS', retryable: false });
  });

  test.each([
    ['with a PKCS#8 key', 'pkcs8.pem', undefined, 'rsa'],
    ['whose key comes first', 'key-first.pem', undefined, 'rsa'],
    ['with a PKCS#1 key', 'pkcs1.pem', undefined, 'rsa'],
    ['with a locked PKCS#8 key', 'locked.pem', PASSWORD, 'rsa'],
    ['as PFX', 'rsa.pfx', PASSWORD, 'rsa'],
  ])('shows a certificate %s: %s', async (_case, certificate, password, name) => {
    expect(await shown({ ca: 'server.crt', certificate, ...(password && { password }) })).toBe(name);
  });

  test('shows a certificate with a key of an elliptic curve or refuses it, but does not go without', async () => {
    const outcome = await shown({ ca: 'server.crt', certificate: 'ec.pem' }).catch(({ kind }) => kind);
    expect(['ec', 'TLS']).toContain(outcome);
  });

  test.each([
    ['a PFX with a wrong password', 'rsa.pfx', 'wr0ng'],
    ['a PFX without its password', 'rsa.pfx', undefined],
    ['a locked key with a wrong password', 'locked.pem', 'wr0ng'],
    ['a locked key without its password', 'locked.pem', undefined],
    ['a certificate without a key', 'rsa.crt', undefined],
    ['a key without a certificate', 'rsa.key', undefined],
    ['a file that is no certificate', 'garbage.pfx', undefined],
  ])('refuses for good %s: %s', async (_case, certificate, password) => {
    const error = await errorOf(() =>
      shown({ ca: 'server.crt', certificate, ...(password && { password }) }),
    );
    expect(error).toMatchObject({ kind: 'TLS', retryable: false });
    expect(error.message).toContain('connection "prod"');
    for (const secret of [PASSWORD, 'wr0ng', 'BEGIN']) expect(error.message).not.toContain(secret);
  });
});
