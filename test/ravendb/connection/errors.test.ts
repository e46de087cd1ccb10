import { describe, expect, test } from 'vitest';
import { fromAnswer, fromServer, RavenError, toRavenError } from '../../../src/ravendb/connection/errors.ts';

const CONTEXT = { connection: 'prod', database: 'shop' };

function answered(status: number, type: string, message = ''): RavenError {
  const body = JSON.stringify({
    Url: '/databases/shop/docs',
    Type: type,
    Message: message,
    Error: 'at Raven...',
  });
  return fromAnswer(CONTEXT, 'Import', { status, body });
}

function thrown(message: string, more: { code?: string; name?: string } = {}): RavenError {
  return toRavenError(CONTEXT, 'Import', Object.assign(new Error(message), more));
}

describe('what the server answers is tried again or not', () => {
  test.each([
    ['Raven.Client.Exceptions.Database.DatabaseDoesNotExistException', 500, false],
    ['Raven.Client.Exceptions.Database.DatabaseDisabledException', 503, true],
    ['InvalidAuth', 403, false],
    ['Raven.Client.Exceptions.Commercial.LicenseLimitException', 402, false],
    ['Raven.Client.Exceptions.Sharding.NotSupportedInShardingException', 500, false],
    ['Raven.Client.Exceptions.Sharding.ShardMismatchException', 500, false],
    ['System.ArgumentException', 500, false],
    ['Raven.Client.Exceptions.Routing.RouteNotFoundException', 400, false],
    ['Raven.Client.Exceptions.ConcurrencyException', 409, false],
    ['Raven.Client.Exceptions.Documents.DocumentConflictException', 409, false],
    ['Raven.Client.Exceptions.Documents.DocumentCollectionMismatchException', 500, false],
    ['System.IO.EndOfStreamException', 500, false],
    ['System.IO.InvalidDataException', 500, false],
    ['System.Security.Cryptography.CryptographicException', 500, false],
    ['System.NullReferenceException', 500, false],
    ['Raven.Client.Exceptions.Documents.Patching.JavaScriptException', 500, false],
    ['Raven.Client.Exceptions.Documents.Patching.JavaScriptParseException', 500, false],
    ['Raven.Server.Documents.PeriodicBackup.BackupDelayException', 500, true],
    ['System.OperationCanceledException', 500, true],
    ['System.Threading.Tasks.TaskCanceledException', 500, true],
    ['System.TimeoutException', 500, true],
    ['Voron.Exceptions.DiskFullException', 500, true],
    ['Sparrow.LowMemory.EarlyOutOfMemoryException', 500, true],
  ])('%s (%d): %s', (type, status, retryable) => {
    const error = answered(status, type);
    expect(error).toMatchObject({ kind: type.split('.').at(-1), status, retryable });
  });

  test('an assembly behind the type does not matter', () => {
    const type = 'Raven.Client.Exceptions.Commercial.LicenseLimitException, Raven.Client, Version=7.0.0.0';
    expect(answered(402, type)).toMatchObject({ kind: 'LicenseLimitException', retryable: false });
  });

  test.each([
    ['Corrupted block', 'System.InvalidOperationException', 'Corrupted block detected'],
    ['a wrong script', 'System.InvalidOperationException', 'Incorrect transform script'],
    ['no sharded route', 'System.InvalidOperationException', 'For GET /x no sharded route is defined'],
  ])('%s is not tried again', (_what, type, message) => {
    expect(answered(500, type, message).retryable).toBe(false);
  });

  test.each([
    [500, true],
    [502, true],
    [503, true],
    [599, true],
    [429, true],
    [400, false],
    [404, false],
    [413, false],
  ])('an unknown exception with %d: %s', (status, retryable) => {
    expect(answered(status, 'System.SomethingNewException')).toMatchObject({ retryable, status });
  });

  test('a disabled database says that it is to be enabled', () => {
    expect(answered(503, 'DatabaseDisabledException').message).toContain('enable it');
  });

  test('a fault of an operation has no status of its own', () => {
    const fault = fromServer(CONTEXT, 'Import', { type: 'System.IO.EndOfStreamException', message: 'Cut.' });
    expect(fault).toMatchObject({ kind: 'EndOfStreamException', retryable: false, status: undefined });
    expect(fromServer(CONTEXT, 'Import', { type: 'OperationLost', message: '' }).retryable).toBe(true);
  });
});

test('of code that does not compile the reason is told, and not the code', () => {
  const code = 'using System;\r\n\r\nnamespace Generated { }';
  const said = `Failed to compile index Vectors\n\n${code}\n\n(24,25): error CS0103: The name 'CreateVector' does not exist\n`;
  const { message } = answered(500, 'Raven.Client.Exceptions.IndexCompilationException', said);
  expect(message).toMatch(
    /RavenDB says: Failed to compile index Vectors: error CS0103: The name 'CreateVector' does not exist$/,
  );
});

test('a setting whose value a server does not take is not tried again', () => {
  const message = "Could not set 'Indexing.Corax.IncludeDocumentScore' configuration setting value.";
  const type = 'System.InvalidOperationException';
  expect(fromServer(CONTEXT, 'Creating the database', { type, message }).retryable).toBe(false);
});

describe('an answer that is not what RavenDB writes', () => {
  test.each([
    '',
    '<html>502 Bad Gateway</html>',
    '{"Type":',
    '"text"',
    '[]',
    '{}',
    '42',
    'null',
    '{"Type":5}',
    '{"Type":null,"Message":{"a":1}}',
  ])('%j gives an error by its status', (body) => {
    const gateway = fromAnswer(CONTEXT, 'Import', { status: 502, body });
    expect(gateway).toBeInstanceOf(RavenError);
    expect(gateway).toMatchObject({ retryable: true, status: 502 });
    expect(fromAnswer(CONTEXT, 'Import', { status: 413, body })).toMatchObject({
      retryable: false,
      status: 413,
    });
  });
});

describe('what the network does is tried again or not', () => {
  test.each([
    'ECONNREFUSED',
    'ECONNRESET',
    'EPIPE',
    'ETIMEDOUT',
    'ENOTFOUND',
    'EAI_AGAIN',
    'EHOSTUNREACH',
    'ENETUNREACH',
  ])('%s is', (code) => {
    expect(thrown('x', { code })).toMatchObject({ kind: code, retryable: true, status: undefined });
    expect(thrown(`fetch failed: ${code}`, { name: 'RavenException' })).toMatchObject({
      kind: code,
      retryable: true,
    });
  });

  test.each(['UND_ERR_SOCKET', 'UND_ERR_HEADERS_TIMEOUT', 'UND_ERR_CONNECT_TIMEOUT'])('%s is', (code) => {
    expect(thrown('terminated', { code })).toMatchObject({ retryable: true });
  });

  test("the client's word for a failed fetch is", () => {
    const message = 'An exception occurred, status code: 503: fetch failed';
    expect(thrown(message, { name: 'RavenException' }).retryable).toBe(true);
  });

  test.each([
    ['self-signed certificate', 'DEPTH_ZERO_SELF_SIGNED_CERT'],
    ['unable to verify the first certificate', 'UNABLE_TO_VERIFY_LEAF_SIGNATURE'],
    ['certificate has expired', 'CERT_HAS_EXPIRED'],
    ["Hostname/IP does not match certificate's altnames", 'ERR_TLS_CERT_ALTNAME_INVALID'],
    ['mac verify failure', undefined],
    ['write EPROTO wrong version number', 'EPROTO'],
    ['status code: 503: fetch failed: self-signed certificate', undefined],
  ])('TLS is not: %s', (message, code) => {
    expect(thrown(message, code ? { code } : { name: 'RavenException' })).toMatchObject({
      kind: 'TLS',
      retryable: false,
    });
  });
});

describe('an exception of the client', () => {
  test.each([
    ['AuthorizationException', false],
    ['DatabaseDoesNotExistException', false],
    ['DatabaseDisabledException', true],
    ['AllTopologyNodesDownException', true],
  ])('%s: %s', (name, retryable) => {
    expect(thrown('x', { name })).toMatchObject({ kind: name, retryable });
  });

  test.each([
    ['DatabaseDisabledException', "Database 'certificates' is disabled", true],
    ['LicenseLimitException', "Database 'ECONNRESET' needs a license", false],
  ])('%s is known by its name, whatever words its message has', (name, message, retryable) => {
    expect(thrown(message, { name })).toMatchObject({ kind: name, retryable });
  });

  test('that is a RavenError stays as it is', () => {
    const error = new RavenError('x', { kind: 'OperationLost', retryable: true });
    expect(toRavenError(CONTEXT, 'Import', error)).toBe(error);
  });

  test.each([
    'text',
    42,
    {},
    { message: 'x' },
    null,
    undefined,
    // its code is a number
    new DOMException('x', 'TimeoutError'),
  ])('is anything that was thrown: %s', (anything) => {
    expect(toRavenError(CONTEXT, 'Import', anything)).toBeInstanceOf(RavenError);
  });
});
