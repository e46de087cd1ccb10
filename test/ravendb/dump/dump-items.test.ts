import { describe, expect, test } from 'vitest';
import {
  attachmentsOf,
  documentId,
  etagIn,
  isRevisionTombstone,
  metadataOf,
  ownerId,
  seriesName,
  tombstoneOwner,
  withChangeVector,
  withoutDeletedCounters,
  withTombstoneOwner,
} from '../../../src/ravendb/dump/dump-items.ts';

const HERE = 'elIyXDA0IEOJVyc6wlXnWw';
const document = (metadata: string, body = '"a":1,') => Buffer.from(`{${body}"@metadata":{${metadata}}}`);

describe('the id of a document', () => {
  test.each([
    ['plain', '"@collection":"C","@id":"orders/1-A"', 'orders/1-A'],
    ['after an id that the user put into the metadata', '"zz":{"@id":"x"},"@id":"real"', 'real'],
    ['with escapes', String.raw`"@id":"a\"b\\c\u0001\n日"`, 'a"b\\c\u0001\n日'],
    ['before other metadata', '"@id":"d","@last-modified":"2026"', 'd'],
  ])('%s', (_case, metadata, id) => {
    expect(documentId(document(metadata))).toBe(id);
  });

  test('is not one of the body', () => {
    expect(documentId(document('"@id":"real"', '"@id":"x","text":"\\"@id\\":\\"y\\"",'))).toBe('real');
  });
});

test.each([
  ['a counter', '{"likes":[7,12]}', '{"likes":[7,12]}'],
  ['a deleted counter', '{"likes":"12"}', undefined],
  ['both', '{"likes":"12","views":[0,13]}', '{"views":[0,13]}'],
  ['a deleted one in the middle', '{"a":[1,2],"b":"x:7","c":[3,4,5,6]}', '{"a":[1,2],"c":[3,4,5,6]}'],
  ['a deleted one at the end', '{"a":[1,2],"b":"x:7"}', '{"a":[1,2]}'],
  [
    'numbers that a double cannot hold',
    '{"a":[9223372036854775807,1],"b":"x"}',
    '{"a":[9223372036854775807,1]}',
  ],
  ['names like syntax', '{"é\\"]},[":[1,2],"\\"@vals\\":{":"x"}', '{"é\\"]},[":[1,2]}'],
  ['a deleted counter named like a list', '{"a[1]":"12"}', undefined],
  ['a counter that has no parts', '{"a":[],"b":"1"}', '{"a":[]}'],
  ['nothing', '{}', undefined],
])('of a group that holds %s all but what was deleted is left', (_case, values, left) => {
  const group = (text: string) =>
    Buffer.from(
      `{"DocId":"é","Values":{"@dbIds":["x"],"@vals":${text},"@names":{"a[1]":"A[1]"}},"ChangeVector":"A:1-x"}`,
    );
  const kept = withoutDeletedCounters(group(values));
  expect(kept?.toString()).toBe(left === undefined ? undefined : group(left).toString());
});

test('another change vector leaves all other bytes as they are', () => {
  const before = document(
    '"Owner":1.50,"@change-vector":"A:1-x","@id":"é"',
    '"@change-vector":"no","a":1.0,',
  );
  const after = document(
    '"Owner":1.50,"@change-vector":"A:1-x, R:1-y","@id":"é"',
    '"@change-vector":"no","a":1.0,',
  );
  expect(withChangeVector(before, 'A:1-x, R:1-y').toString()).toBe(after.toString());
});

describe('the etag of an item', () => {
  test.each([
    [`A:17-${HERE}`, 17],
    [`B:3-other, A:17-${HERE}`, 17],
    [`A:17-${HERE}, RAFT:1-qItT3Rcv4EOTyuDnT8+KuA`, 17],
    ['B:99-other', 0],
    ['', 0],
  ])('by the change vector %j', (vector, etag) => {
    expect(etagIn(document(`"@change-vector":"${vector}","@id":"x"`), HERE)).toBe(etag);
    expect(etagIn(Buffer.from(`{"DocId":"x","ChangeVector":"${vector}","Values":{}}`), HERE)).toBe(etag);
  });
});

describe('the metadata of a document', () => {
  const attachment = '{"Name":"n","Hash":"h=","ContentType":"t","Size":3}';

  test('gives the attachments', () => {
    expect(attachmentsOf(document(`"@attachments":[${attachment}],"@id":"x"`))).toEqual([
      JSON.parse(attachment),
    ]);
    expect(attachmentsOf(document('"@id":"x"'))).toEqual([]);
  });

  test('is the outermost, whatever the body and the metadata hold', () => {
    const body = `"@metadata":{"@attachments":[1]},"deep":{"@metadata":{"@attachments":[2]}},`;
    expect(attachmentsOf(document('"@id":"x"', body))).toEqual([]);
    const metadata = `"@attachments":[${attachment}],"own":{"@metadata":{"a":1}},"@id":"x"`;
    expect(attachmentsOf(document(metadata, body))).toEqual([JSON.parse(attachment)]);
    expect(metadataOf(document('"@counters":["b","a"],"@id":"x"'))).toMatchObject({
      '@counters': ['b', 'a'],
    });
  });
});

test('what a counter group, a segment and a tombstone belong to', () => {
  expect(ownerId(Buffer.from('{"DocId":"products/1-a","ChangeVector":"A:1-x"}'))).toBe('products/1-a');
  const segment = Buffer.from('{"@raven-data":{"DocId":"c/1","Name":"Stock Prices","ChangeVector":""}}');
  expect([ownerId(segment), seriesName(segment)]).toEqual(['c/1', 'Stock Prices']);
  expect(tombstoneOwner(Buffer.from('{"Key":"kept/7","Type":"Document"}'))).toBeUndefined();
  expect(tombstoneOwner(Buffer.from(String.raw`{"Key":"kept/4\u001Ed\u001En\u001Eh=\u001Et"}`))).toBe(
    'kept/4',
  );
});

test('the tombstone of a revision that names no document is given one', () => {
  const tombstone = Buffer.from('{"Key":"A:1-x/Y+z","Type":"Revision","Etag":12}');
  expect(isRevisionTombstone(tombstone)).toBe(true);
  expect(tombstoneOwner(tombstone)).toBeUndefined();
  const named = withTombstoneOwner(tombstone, 'Kept/"Ünï"');
  expect(tombstoneOwner(named)).toBe('kept/"ünï"');
  expect(JSON.parse(named.toString())).toEqual({
    Key: 'kept/"ünï"\u001eA:1-x/Y+z',
    Type: 'Revision',
    Etag: 12,
  });
  expect(isRevisionTombstone(Buffer.from('{"Key":"kept/7","Type":"Document"}'))).toBe(false);
});
