import { describe, expect, test } from 'vitest';
import { itemDigester } from '../../../src/core/digest/item-digest.ts';

const NOTHING = Buffer.alloc(0);

const [counters, series, revisions, documents] = await Promise.all([
  itemDigester('CounterGroups'),
  itemDigester('TimeSeries'),
  itemDigester('RevisionDocuments'),
  itemDigester('Documents'),
]);

function group(values: string, { id = 'orders/1', names = '"likes":"Likes"' } = {}) {
  const text = `{"DocId":"${id}","ChangeVector":"A:1-x","Values":{"@dbIds":["x"],"@names":{${names}},"@vals":{${values}}}}`;
  return counters(Buffer.from(text), NOTHING);
}

describe('counters are the same', () => {
  test('whatever their etags', () => {
    expect(group('"likes":[7,8889]')?.hash).toBe(group('"likes":[7,12]')?.hash);
  });

  test('in whatever parts by database', () => {
    expect(group('"likes":[7,1]')?.hash).toBe(group('"likes":[5,1,2,9]')?.hash);
  });

  test('with or without one that was deleted', () => {
    expect(group('"likes":[7,1]')?.hash).toBe(group('"likes":[7,1],"b":"x:2"')?.hash);
    expect(group('"b":"x:2"')).toMatchObject({ hash: 0n, counters: 0 });
  });

  test('in whatever groups', () => {
    const names = '"a":"a","b":"b"';
    const together = group('"a":[1,1],"b":[2,2]', { names })?.hash ?? 0n;
    const apart = (group('"a":[1,1]', { names })?.hash ?? 0n) + (group('"b":[2,2]', { names })?.hash ?? 0n);
    expect(together).toBe(BigInt.asUintN(64, apart));
  });
});

test('counters of a group are counted, without deleted ones', () => {
  const names = '"a":"a","b":"b"';
  expect(group('"a":[1,1],"b":[2,2],"c":"x:2"', { names })).toMatchObject({ id: 'orders/1', counters: 2 });
});

test('counters that overflow wrap, as RavenDB adds them', () => {
  const largest = `${2n ** 63n - 1n}`;
  expect(group(`"likes":[${largest},1,1,2]`)?.hash).toBe(group(`"likes":[${-(2n ** 63n)},1]`)?.hash);
});

describe('counters differ', () => {
  test.each([
    ['by one', '"likes":[8,1]'],
    ['by their sign', '"likes":[-7,1]'],
  ])('%s', (_what, values) => {
    expect(group(values)?.hash).not.toBe(group('"likes":[7,1]')?.hash);
  });

  test('in the last digit of a number beyond 2^53', () => {
    expect(group('"likes":[9007199254740993,1]')?.hash).not.toBe(group('"likes":[9007199254740992,1]')?.hash);
  });

  test('by document and by name', () => {
    const one = group('"likes":[7,1]')?.hash;
    expect(group('"likes":[7,1]', { id: 'orders/2' })?.hash).not.toBe(one);
    expect(group('"likes":[7,1]', { names: '"likes":"shares"' })?.hash).not.toBe(one);
  });

  test('but not by the case of a name, which RavenDB ignores', () => {
    const one = group('"likes":[7,1]')?.hash;
    expect(group('"likes":[7,1]', { names: '"likes":"LIKES"' })?.hash).toBe(one);
  });
});

describe('a segment of a time series', () => {
  const segment = (blob: string, { name = 'Heart', etag = 1, from = '2026-01-01' } = {}) =>
    series(
      Buffer.from(
        `{"@raven-data":{"DocId":"orders/1","Name":"${name}","ChangeVector":"A:${etag}-x","Collection":"Orders","Baseline":"${from}T00:00:00.0000000Z"},"@raven-blob-size":${blob.length}}`,
      ),
      Buffer.from(blob),
    );

  test('is the same whatever its change vector', () => {
    expect(segment('bytes')).toEqual(segment('bytes', { etag: 9 }));
  });

  test('is of its document, and has neither counters nor attachments', () => {
    expect(segment('bytes')).toMatchObject({ id: 'orders/1', counters: 0, attachments: 0 });
  });

  test('differs by a byte, by name, and by the time that its bytes count from', () => {
    expect(segment('bytes', { from: '2026-01-02' })?.hash).not.toBe(segment('bytes')?.hash);
    expect(segment('bytez')?.hash).not.toBe(segment('bytes')?.hash);
    expect(segment('bytes', { name: 'Lung' })?.hash).not.toBe(segment('bytes')?.hash);
  });
});

describe('a revision', () => {
  const revision = (flags: string, at = '2026-01-01') =>
    revisions(
      Buffer.from(
        `{"A":1,"@metadata":{"@collection":"Orders","@change-vector":"A:1-x","@flags":"${flags}","@id":"orders/1","@last-modified":"${at}"}}`,
      ),
      NOTHING,
    );

  test('that only says that a document was deleted is not compared', () => {
    expect(revision('HasRevisions, DeleteRevision')).toBeUndefined();
  });

  test('is the same whatever its change vector, and however its properties are ordered', () => {
    const at = (metadata: string) =>
      revisions(Buffer.from(`{"A":1,"@metadata":{${metadata}}}`), NOTHING)?.hash;
    const plain = '"@collection":"Orders","@flags":"Revision","@id":"orders/1","@last-modified":"2026"';
    expect(at(`"@change-vector":"B:7-y",${plain}`)).toBe(at(`"@change-vector":"A:1-x",${plain}`));
    expect(at(plain.split(',').toReversed().join(','))).toBe(at(plain));
  });

  test('keeps its time and its flags', () => {
    expect(revision('HasRevisions, Revision', '2026-01-02')?.hash).not.toBe(
      revision('HasRevisions, Revision')?.hash,
    );
    expect(revision('HasRevisions, Revision, HasCounters')?.hash).not.toBe(
      revision('HasRevisions, Revision')?.hash,
    );
  });
});

test('output of an index is not compared', () => {
  const json = '{"A":1,"@metadata":{"@collection":"Orders","@flags":"Artificial","@id":"orders/1"}}';
  expect(documents(Buffer.from(json), NOTHING)).toBeUndefined();
});

test('a document is compared without its time and its flags, which an import changes', () => {
  const document = (more: string) =>
    documents(Buffer.from(`{"A":1,"@metadata":{${more},"@collection":"Orders","@id":"orders/1"}}`), NOTHING);
  expect(document('"@flags":"HasRevisions","@last-modified":"2026"')?.hash).toBe(
    document('"@flags":""')?.hash,
  );
  expect(document('"@expires":"2030"')?.hash).not.toBe(document('"@flags":""')?.hash);
});

test('by its existence alone a document is the same whatever it holds', async () => {
  const existing = await itemDigester('Documents', 'collection');
  const [one, other] = ['{"A":1', '{"A":2,"B":[]'].map((body) =>
    existing(Buffer.from(`${body},"@metadata":{"@collection":"Orders","@id":"orders/1"}}`), NOTHING),
  );
  expect(one?.hash).toBe(other?.hash);
});
