import { describe, expect, test } from 'vitest';
import {
  type ErrorContext,
  fromAnswer,
  fromServer,
  toRavenError,
} from '../../../src/ravendb/connection/errors.ts';
import { readSmugglerResult } from '../../../src/ravendb/smuggler/smuggler-result.ts';

const CONTEXT = { connection: 'prod', database: 'shop' };

function ofServer(message: string, context: ErrorContext = CONTEXT): string {
  return fromServer(context, 'Export', { type: 'System.Exception', message, status: 500 }).message;
}

function ofThrown(message: string, more: { code?: string; name?: string } = {}): string {
  return toRavenError(CONTEXT, 'Export', Object.assign(new Error(message), more)).message;
}

describe('the sentence of an error', () => {
  test('says what was done, where, what happened, what to do, and what RavenDB says', () => {
    const error = fromServer(CONTEXT, 'Import', {
      type: 'Raven.Client.Exceptions.Commercial.LicenseLimitException',
      message: 'Your license does not allow it.\n   at Raven.Server',
    });
    expect(error.message).toBe(
      'Import failed at database "shop" on connection "prod": LicenseLimitException. ' +
        "The server's license does not allow it. RavenDB says: Your license does not allow it.",
    );
  });

  test('does without a database, advice and words of the server', () => {
    const answer = { status: 418, body: '' };
    expect(fromAnswer({ connection: 'prod' }, 'Reading', answer).message).toBe(
      'Reading failed at connection "prod": HTTP 418.',
    );
  });

  test('of the network names connection and database too', () => {
    expect(ofThrown('x', { code: 'ECONNREFUSED' })).toBe(
      'Export failed at database "shop" on connection "prod": ECONNREFUSED. ' +
        'Nothing listens at its address: check that the server is running.',
    );
  });

  test('is one line of bounded length', () => {
    const message = ofServer(`${'x'.repeat(5_000)}\r\nsecond line`);
    expect(message.length).toBeLessThan(500);
    expect(message.split('\n')).toHaveLength(1);
    expect(message).not.toContain('second line');
  });
});

const SECRETS = ['raven.internal', '10.1.2.3', '8080', 'hunter2', '::1'];

/** Texts in which servers and clients put an address. */
const LEAKS = [
  'Could not reach https://raven.internal:8080/databases/shop?x=1',
  "Tried 'http://10.1.2.3:8080', then HTTPS://RAVEN.internal",
  'Topology from tcp://10.1.2.3:8080 (tcp://[::1]:8080)',
  'at https://ann:hunter2@raven.internal:8080/ and more',
  'connect ECONNREFUSED 10.1.2.3:8080',
  'connect EACCES 10.1.2.3:8080',
  'connect EADDRNOTAVAIL 10.1.2.3:8080 - Local (10.1.2.3:0)',
  'Could not connect to raven.internal:8080',
  'No connection could be made (10.1.2.3:8080)',
  'No connection could be made ([::1]:8080)',
];

/** What Node says, with its code. */
const OF_NODE: [string, string][] = [
  ['ECONNREFUSED', 'connect ECONNREFUSED ::1:8080'],
  ['EACCES', 'connect EACCES 10.1.2.3:8080'],
  ['EAI_FAIL', 'getaddrinfo EAI_FAIL raven.internal'],
  [
    'ERR_TLS_CERT_ALTNAME_INVALID',
    "Hostname/IP does not match certificate's altnames: Host: raven.internal. is not in the cert's altnames",
  ],
];

function expectNoSecret(message: string): void {
  for (const secret of SECRETS) expect(message.toLowerCase()).not.toContain(secret);
  expect(message).not.toMatch(/[a-z]+:\/\//i);
}

describe('no address and no password is told', () => {
  test.each(LEAKS)('when the server says: %s', (text) => {
    expectNoSecret(ofServer(text));
  });

  test.each(LEAKS)('when the client throws: %s', (text) => {
    expectNoSecret(ofThrown(text));
    expectNoSecret(ofThrown(text, { name: 'RavenException' }));
  });

  test.each(OF_NODE)('when Node throws %s: %s', (code, text) => {
    expectNoSecret(ofThrown(text, { code }));
  });

  test('when a proxy answers with a page', () => {
    const body = '<html><a href="https://raven.internal:8080">retry</a></html>';
    expectNoSecret(fromAnswer(CONTEXT, 'Export', { status: 502, body }).message);
  });

  test('when the address of an answer is in its JSON', () => {
    const body = JSON.stringify({ Url: 'http://10.1.2.3:8080/x', Type: 'System.Exception', Message: 'No.' });
    expectNoSecret(fromAnswer(CONTEXT, 'Export', { status: 500, body }).message);
  });

  test('when an import refuses items and says where', () => {
    const state = {
      Documents: { ReadCount: 5, ErroredCount: 1 },
      Messages: ['[20:03:20 ERROR] Could not write to http://10.1.2.3:8080/databases/shop'],
    };
    const read = () => readSmugglerResult(CONTEXT, 'Import', state);
    expect(read).toThrow('could not import every item');
    expect(read).not.toThrow(/10\.1\.2\.3/);
  });

  test('but times, ratios and etags of a message stay', () => {
    const text = 'Waited 00:00:30 for index Orders/ByDate at etag A:123, ratio 3:1';
    expect(ofServer(text)).toContain(text);
  });
});
