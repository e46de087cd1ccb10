import { Readable } from 'node:stream';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { RavenError } from '../../../src/ravendb/connection/errors.ts';
import { plainDump } from '../../../src/ravendb/dump/dump-bytes.ts';
import { inspectDump, newerThanServer } from '../../../src/ravendb/dump/dump-inspection.ts';

const attachment = (size: number) =>
  `{"@metadata":{"@export-type":"Attachment"},"Hash":"h=","Size":${size},"Tag":"x|d|n|h=|t"}${'b'.repeat(size)}`;
const document = (n: number) => `{"n":${n},"@metadata":{"@id":"orders/${n}"}}`;
const segment = '{"@raven-data":{"DocId":"x","Name":"s"},"@raven-blob-size":5}{"[]}';

const DUMP = [
  '{"BuildVersion":71028,"DatabaseRecord":{"DatabaseName":"shop"},"Docs":[',
  [attachment(9), document(1), document(2), attachment(0), document(3)].join(','),
  '],"RevisionDocuments":[',
  [attachment(100), document(1), document(1)].join(','),
  '],"Tombstones":[{"Key":"orders/9","Type":"Document"}],"Docs":[],"Conflicts":[],"Indexes":[{"Type":1}],',
  '"Identities":[{"Key":"orders|","Value":"3"},{"Key":"people|","Value":"1"}],',
  '"CompareExchange":[{"Key":"a","Value":"{}"}],"CompareExchangeTombstones":[{"Key":"b"}],',
  '"CounterGroups":[{"DocId":"orders/1"}],"Subscriptions":[{"SubscriptionName":"s"}],',
  `"TimeSeries":[${segment},${segment}],"TimeSeriesDeletedRanges":[{"DocId":"x"}],`,
  '"ReplicationHubCertificates":[{}],"FromTheFuture":[]}',
].join('');

async function* inParts(text: string | Buffer, size: number): AsyncGenerator<Buffer> {
  const whole = Buffer.from(text as string);
  for (let at = 0; at < whole.length; at += size) yield whole.subarray(at, at + size);
}

async function inspect(text: string, size = 1000) {
  return await inspectDump(inParts(text, size), 'shop.dump');
}

async function refusal(inspecting: Promise<unknown>): Promise<RavenError> {
  const error = await inspecting.catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(RavenError);
  expect(error).toMatchObject({ retryable: false });
  return error as RavenError;
}

describe('a dump', () => {
  test.each(['Counters', 'FromTheFuture'])(
    'with items in the list %s is refused as a whole',
    async (list) => {
      const { message, kind } = await refusal(
        inspect(`{"BuildVersion":41000,"Docs":[],"${list}":[{"DocId":"a"}]}`),
      );
      expect(message).toContain(
        `has items that cannot be imported into shards ("${list}"): import it with a RavenDB`,
      );
      expect(kind).toBe('InvalidDataException');
    },
  );

  test.each([1, 7, 1000, 1_000_000])('tells what it holds, in parts of %i', async (size) => {
    expect(await inspect(DUMP, size)).toEqual({
      buildVersion: 71028,
      counts: {
        documents: 3,
        attachments: 3,
        revisions: 2,
        tombstones: 1,
        indexes: 1,
        identities: 2,
        compareExchange: 1,
        compareExchangeTombstones: 1,
        counterGroups: 1,
        subscriptions: 1,
        timeSeriesSegments: 2,
        timeSeriesDeletedRanges: 1,
        replicationHubCertificates: 1,
      },
      attachmentBytes: 109,
      plainBytes: Buffer.byteLength(DUMP),
      lists: [
        'DatabaseRecord',
        'Docs',
        'RevisionDocuments',
        'Tombstones',
        'Conflicts',
        'Indexes',
        'Identities',
        'CompareExchange',
        'CompareExchangeTombstones',
        'CounterGroups',
        'Subscriptions',
        'TimeSeries',
        'TimeSeriesDeletedRanges',
        'ReplicationHubCertificates',
        'FromTheFuture',
      ],
    });
  });

  test.each([
    ['{"BuildVersion":71028}', []],
    [' {\n "BuildVersion" : 71028\n}\n', []],
    ['{"BuildVersion":71028,"Docs":[]}', ['Docs']],
  ])('may hold nothing: %j', async (text, lists) => {
    const empty = { buildVersion: 71028, counts: {}, attachmentBytes: 0, plainBytes: text.length, lists };
    expect(await inspect(text)).toEqual(empty);
    expect(await inspect(text, 1)).toEqual(empty);
  });

  test('may begin with a byte order mark, as RavenDB takes it', async () => {
    expect(await inspect(`\ufeff${DUMP}`)).toMatchObject({ counts: { documents: 3 } });
  });

  test('tells how far its reading is', async () => {
    const told: { plainBytes: number; items: number }[] = [];
    await inspectDump(inParts(DUMP, 100), 'shop.dump', (progress) => told.push(progress));
    expect(told).toHaveLength(Math.ceil(DUMP.length / 100));
    expect(told[0]).toEqual({ plainBytes: 100, items: 0 });
    expect(told.at(-1)).toEqual({ plainBytes: DUMP.length, items: 20 });
  });
});

describe('a dump that was cut', () => {
  test.each([
    [20, 'after 0 documents'],
    [DUMP.indexOf(document(2)), 'after 1 document:'],
    [DUMP.indexOf('],"Revision'), 'after 3 documents'],
    [DUMP.length - 1, 'after 3 documents'],
    [5, 'after 0 documents'],
    [0, 'after 0 documents'],
  ])('after %i bytes is refused', async (length, after) => {
    const error = await refusal(inspect(DUMP.slice(0, length)));
    expect(error).toMatchObject({ kind: 'EndOfStreamException' });
    expect(error.message).toMatch(/^The file "shop\.dump" ends too early, after \d documents?: .+\.$/);
    expect(error.message).toContain(after);
  });

  test.each([
    ['Zstandard', zstdCompressSync, 0.5],
    ['gzip', gzipSync, 0.5],
    ['gzip at its very end', gzipSync, 0.9999],
  ])('is refused with the same words when it is compressed: %s', async (_case, compress, part) => {
    const many = Array.from({ length: 20_000 }, (_, n) => document(n * n)).join(',');
    const file = compress(Buffer.from(`{"BuildVersion":71028,"Docs":[${many}]}`));
    const cut = Readable.from([file.subarray(0, Math.floor(file.length * part))]);
    const error = await refusal(inspectDump(plainDump(cut, { name: 'shop.dump' }), 'shop.dump'));
    expect(error).toMatchObject({ kind: 'EndOfStreamException' });
    expect(error.message).toMatch(/ends too early, after \d+,\d{3} documents: /);
  });
});

describe('what is no dump', () => {
  test.each(['{}', '{"Docs":[{}]}', '{"name":"x"}', '{"BuildVersion":"new"}', '{"BuildVersions":71028}'])(
    'is refused: %s',
    async (text) => {
      const error = await refusal(inspect(text));
      expect(error).toMatchObject({ kind: 'InvalidDataException' });
      expect(error.message).toBe('The file "shop.dump" is not a RavenDB dump: check its path.');
    },
  );

  test('is not read to its end', async () => {
    let parts = 0;
    const endless = async function* () {
      yield Buffer.from('{"log":[');
      for (;;) {
        parts++;
        yield Buffer.from('{},');
      }
    };
    await refusal(inspectDump(endless(), 'x'));
    expect(parts).toBe(0);
  });

  test('is a dump that goes on after its end', async () => {
    const error = await refusal(inspect(`${DUMP}${DUMP}`));
    expect(error).toMatchObject({ kind: 'InvalidDataException' });
    expect(error.message).toContain('is damaged');
  });

  test.each([0, 35, 30_000, 39_999])('is a dump of a RavenDB before 4: build %i', async (build) => {
    const error = await refusal(inspect(`{"BuildVersion":${build},"Docs":[{}]}`));
    expect(error.message).toContain('was written by RavenDB 3 or older');
  });
});

test('an error of the file is not taken for its end', async () => {
  const broken = new Error('the disk is gone');
  const raw = async function* () {
    yield Buffer.from('{"BuildVersion":71028,"Docs":[');
    throw broken;
  };
  await expect(inspectDump(raw(), 'x')).rejects.toBe(broken);
});

describe('a dump of a newer RavenDB than the server is warned of', () => {
  test.each([
    [71028, '7.1.5', false],
    [71999, '7.1.0', false],
    [70000, '7.1.5', false],
    [62004, '7.0.2', false],
    [54200, '6.2.4', false],
    [71, '7.1.5', false],
    [72000, '7.1.5', true],
    [71028, '7.0.9', true],
    [71028, '6.2.4', true],
    [72, '7.1.5', true],
    [80001, '7.2', true],
  ])('%i on %s: %s', (build, server, newer) => {
    expect(newerThanServer(build, server) !== undefined).toBe(newer);
  });

  test('with both versions', () => {
    expect(newerThanServer(72003, '7.1.5')).toMatch(
      /^The dump was written by RavenDB 7\.2, which is newer .*\(7\.1\.5\)/,
    );
  });
});
