import { beforeAll, describe, expect, test } from 'vitest';
import { type DocumentDigest, documentDigester } from '../../../src/core/digest/document-digest.ts';

const DATABASE_ID = 'kP4IlQ0BVECEEzlMpNbV+A';
const OTHER_ID = 'zX9/abcDEFghiJKLmnoPQ1';

const digest = await documentDigester(DATABASE_ID);

/** A line as RavenDB writes it: the body's properties, then the metadata as the last one. */
function line(body: string, metadata: string = '"@collection":"Orders","@id":"orders/1"'): string {
  return `{${body}${body ? ',' : ''}"@metadata":{${metadata}}}`;
}

function digestOf(text: string): DocumentDigest {
  return digest(Buffer.from(text));
}

function hashOf(body: string, metadata?: string): bigint {
  return digestOf(line(body, metadata)).hash;
}

const BODY = '"Total":1.50,"Lines":[{"Name":"Grüße","Note":"a \\"quoted\\" word"}]';
const PLAIN = '"@collection":"Orders","@id":"orders/1"';

describe('the hash is the same whatever', () => {
  test.each([
    ['the change vector', `"@change-vector":"A:7-${DATABASE_ID}",${PLAIN}`],
    ['the time of the last change', `"@last-modified":"2026-01-01T00:00:00.0000000Z",${PLAIN}`],
    ['the flags', `"@flags":"HasAttachments, HasRevisions",${PLAIN}`],
    ['the names of time series', `"@timeseries":["heart rate"],${PLAIN}`],
    ['an empty list of counters', `"@counters":[],${PLAIN}`],
    ['all of them', `"@timeseries":[],"@id":"orders/1","@counters":[],"@flags":"","@collection":"Orders"`],
  ])('%s', (_what, metadata) => {
    expect(hashOf(BODY, metadata)).toBe(hashOf(BODY, PLAIN));
  });
});

test('the hash is the same whatever the order of the metadata', () => {
  const metadata = ['"@collection":"Orders"', '"@expires":"2030-01-01"', '"Own":1', '"@id":"orders/1"'];
  expect(hashOf(BODY, metadata.toReversed().join())).toBe(hashOf(BODY, metadata.join()));
});

test('the hash is the same whatever the order of the counters and the case of their names', () => {
  const [some, others] = ['"b","a","C"', '"A","c","b"'].map((names) => `"@counters":[${names}],${PLAIN}`);
  expect(hashOf(BODY, some)).toBe(hashOf(BODY, others));
});

describe('the hash differs with', () => {
  test.each([
    ['a digit that does not change the value', '"Total":1.50', '"Total":1.5'],
    ['the last digit of a long integer', '"N":12345678901234567890', '"N":12345678901234567891'],
    ['the last digit of a long fraction', '"N":0.12345678901234567890', '"N":0.12345678901234567891'],
    ['a number and its text', '"N":1', '"N":"1"'],
    ['zero and minus zero', '"N":0', '"N":-0'],
    ['the order of properties', '"A":1,"B":2', '"B":2,"A":1'],
    ['the order of a list', '"A":[1,2]', '"A":[2,1]'],
    ['a digit at the end of a list', '"A":[1, 1.50]', '"A":[1, 1.5]'],
    ['null and nothing', '"A":null', ''],
    ['a letter', '"A":"straße"', '"A":"strasse"'],
    ['how a letter is composed', '"A":"\u00e9"', '"A":"e\u0301"'],
    ['an emoji', '"A":"🚚"', '"A":"🚛"'],
    ['an escaped quote', '"A":"\\""', '"A":"\\\\"'],
    ['the case of a property', '"a":1', '"A":1'],
  ])('%s', (_what, one, other) => {
    expect(hashOf(one)).not.toBe(hashOf(other));
  });

  test.each([
    ["the id's case", '"@collection":"Orders","@id":"Orders/1"'],
    ['another id', '"@collection":"Orders","@id":"orders/2"'],
    ["the collection's case", '"@collection":"orders","@id":"orders/1"'],
    ['no collection', '"@id":"orders/1"'],
    ['the expiry', `"@expires":"2030-01-01T00:00:00.0000000Z",${PLAIN}`],
    ['the refresh', `"@refresh":"2030-01-01T00:00:00.0000000Z",${PLAIN}`],
    ['an attachment', `"@attachments":[{"Name":"a","Hash":"h1","ContentType":"","Size":1}],${PLAIN}`],
    ['a counter', `"@counters":["likes"],${PLAIN}`],
    ['metadata of an application', `"Raven-Node-Type":"Order",${PLAIN}`],
  ])('%s in the metadata', (_what, metadata) => {
    expect(hashOf(BODY, metadata)).not.toBe(hashOf(BODY, PLAIN));
  });

  test.each([
    [
      "an attachment's hash",
      '"@attachments":[{"Name":"a","Hash":"h1"}]',
      '"@attachments":[{"Name":"a","Hash":"h2"}]',
    ],
    [
      "an attachment's name",
      '"@attachments":[{"Name":"a","Hash":"h1"}]',
      '"@attachments":[{"Name":"A","Hash":"h1"}]',
    ],
    [
      "an attachment's size",
      '"@attachments":[{"Name":"a","Size":4}]',
      '"@attachments":[{"Name":"a","Size":-1}]',
    ],
    ['the list of counters', '"@counters":["likes"]', '"@counters":["likes","shares"]'],
    ['the name of a counter', '"@counters":["likes"]', '"@counters":["shares"]'],
    ['the expiry', '"@expires":"2030-01-01"', '"@expires":"2030-01-02"'],
    ['a negative number after white space', '"Key": -1.50', '"Key": -1.5'],
    ['a number in a list', '"Keys":[1.50]', '"Keys":[1.5]'],
    ['the second number in a list', '"Keys":["a", -1.50]', '"Keys":["a", -1.5]'],
    ['the only property, without a space', '"Key":1.0', '"Key":1'],
    ['a long number of an application', '"Key":12345678901234567890', '"Key":12345678901234567891'],
  ])('%s in the metadata', (_what, one, other) => {
    expect(hashOf(BODY, `${one},${PLAIN}`)).not.toBe(hashOf(BODY, `${other},${PLAIN}`));
  });

  test('a value that moved between body and metadata', () => {
    expect(hashOf('"Key":1', PLAIN)).not.toBe(hashOf('', `"Key":1,${PLAIN}`));
  });
});

describe('the metadata is found behind', () => {
  test.each([
    ['a nested property of that name', '"Copy":{"A":1,"@metadata":{"@id":"orders/9"}}'],
    ['a list of such', '"Copies":[{"@metadata":{}},{"@metadata":{"@id":"x"}}]'],
    ['a text that holds its beginning', '"Text":"\\"@metadata\\":{\\"@id\\":\\"x\\"}"'],
    ['a text that ends with a backslash', '"Path":"C:\\\\"'],
    ['a text that ends with an escaped quote', '"Text":"say \\"@metadata\\""'],
    ['braces and unicode', '"Text":"}}}{{{ \u2028 🚚"'],
    ['an empty body', ''],
  ])('%s', (_what, body) => {
    const { id, hash } = digestOf(line(body));
    expect(id).toBe('orders/1');
    expect(hash).not.toBe(hashOf(`${body}${body ? ',' : ''}"More":1`));
  });

  test.each([
    ['a text with its beginning', '"Note":"\\"@metadata\\":{"'],
    ['a nested property of that name', '"Origin":{"@metadata":{"a":1}}'],
  ])('its own start, when an application put into it %s', (_what, own) => {
    expect(digestOf(line(BODY, `${own},${PLAIN}`)).id).toBe('orders/1');
  });

  test('an id with quotes and unicode is read as it was written', () => {
    expect(digestOf(line('"A":1', '"@id":"käufer/\\"1\\"/🚚"')).id).toBe('käufer/"1"/🚚');
  });

  test.each([
    '',
    '{}',
    '{"A":1}',
    '{"Type":"System.Exception","Message":"no"}',
    '{"A":1,"@metadata":{"@id":"a"',
  ])('%j throws: it is no document', (text) => {
    expect(() => digestOf(text)).toThrow();
  });
});

describe('the etag', () => {
  test.each([
    ['of one node', `A:123-${DATABASE_ID}`, 123],
    ['of the first of two nodes', `A:5-${DATABASE_ID}, B:99-${OTHER_ID}`, 5],
    ['of the second of two nodes', `B:99-${OTHER_ID}, A:8883-${DATABASE_ID}`, 8883],
    ['beside a cluster transaction', `A:42-${DATABASE_ID}, RAFT:7-${OTHER_ID}, TRXN:9-xyz`, 42],
    ['beyond 32 bits', `A:9007199254740991-${DATABASE_ID}`, 9_007_199_254_740_991],
    ['is 0 when the node never wrote it', `B:99-${OTHER_ID}`, 0],
    ['is 0 without a change vector', '', 0],
  ])('%s', (_what, changeVector, etag) => {
    expect(digestOf(line('"A":1', `"@change-vector":"${changeVector}",${PLAIN}`)).etag).toBe(etag);
  });

  test('is 0 when there is no such metadata', () => {
    expect(digestOf(line('"A":1')).etag).toBe(0);
  });
});

describe('what a document says of itself', () => {
  test('counters and attachments are counted', () => {
    const metadata = `"@counters":["likes","shares"],"@attachments":[{"Name":"a"}],${PLAIN}`;
    expect(digestOf(line(BODY, metadata))).toMatchObject({ counters: 2, attachments: 1 });
    expect(digestOf(line(BODY))).toMatchObject({ counters: 0, attachments: 0 });
  });

  test.each([
    ['Artificial, FromIndex', true],
    ['Artificial', true],
    ['HasRevisions, HasCounters', false],
  ])('flags %s: artificial is %s', (flags, artificial) => {
    expect(digestOf(line(BODY, `"@flags":"${flags}",${PLAIN}`)).artificial).toBe(artificial);
  });

  test('a document without flags is not artificial', () => {
    expect(digestOf(line(BODY)).artificial).toBe(false);
  });
});

describe('by its existence alone a document', () => {
  let existence: typeof digest;

  beforeAll(async () => {
    existence = await documentDigester(DATABASE_ID, 'collection');
  });

  const existenceOf = (text: string) => existence(Buffer.from(text)).hash;

  test('is the same whatever its content, and however its id is written', () => {
    const other = `"@expires":"2030-01-01","@attachments":[{"Name":"a"}],"@collection":"Orders","@id":"ORDERS/1"`;
    expect(existenceOf(line('"B":2', other))).toBe(existenceOf(line(BODY)));
  });

  test.each([
    ['of another id', '"@collection":"Orders","@id":"orders/2"'],
    ['of another collection', '"@collection":"orders","@id":"orders/1"'],
    ['of no collection', '"@id":"orders/1"'],
  ])('%s is another', (_what, metadata) => {
    expect(existenceOf(line(BODY, metadata))).not.toBe(existenceOf(line(BODY)));
  });
});

test('a line that is no document is not quoted: its content must not reach a history', () => {
  expect(() => digestOf('{"Card":"4111"}')).toThrow(
    'A line of 15 bytes in the stream of documents is not a document.',
  );
});
