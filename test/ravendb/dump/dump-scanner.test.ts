import { describe, expect, test } from 'vitest';
import { DumpScanner, isAttachment } from '../../../src/ravendb/dump/dump-scanner.ts';

/** Everything that the scanner tells of a dump that arrives in chunks of a size. */
function scan(dump: Buffer, chunkSize = dump.length) {
  const told: { list: string; json: string; blob: string }[] = [];
  const scanner = new DumpScanner({
    item: (list, json) => told.push({ list, json: json.toString(), blob: '' }),
    blob: (part) => {
      const last = told.at(-1);
      if (last) last.blob += part.toString('latin1');
    },
  });
  for (let at = 0; at < dump.length; at += chunkSize) scanner.push(dump.subarray(at, at + chunkSize));
  return { told, scanner };
}

const TRICKY = String.raw`{"text":"a \"quoted\" } ] , { [ \\","\\":"\u0022]}","nested":[{"a":[]},[],{}],"@metadata":{"@id":"x"}}`;
const ATTACHMENT = '{"@metadata":{"@export-type":"Attachment"},"Hash":"h=","Size":9,"Tag":"x|d|n|h=|t"}';
const EMPTY_ATTACHMENT =
  '{"@metadata":{"@export-type":"Attachment"},"Hash":"e=","Size":0,"Tag":"x|d|e|e=|t"}';
const SEGMENT = '{"@raven-data":{"DocId":"x","Name":"s"},"@raven-blob-size":5}';
const DUMP = Buffer.concat(
  [
    '{"BuildVersion":71028,"DatabaseRecord":{"Settings":{"a":"]}"},"Lists":[[{}]]},"Docs":[',
    ATTACHMENT,
    '"]}{[\\",\xff',
    ',',
    TRICKY,
    ',',
    EMPTY_ATTACHMENT,
    ',{}],"Docs":[ {"ü":"日本 😀"} ],"Tombstones":[],"TimeSeries":[',
    SEGMENT,
    '{"[]}',
    ',',
    SEGMENT,
    '\x00\x01\x02\x03\x04',
    ']}',
  ].map((part) => Buffer.from(part, part.includes('日') ? 'utf8' : 'latin1')),
);
const TOLD = [
  { list: 'Docs', json: ATTACHMENT, blob: '"]}{[\\",\xff' },
  { list: 'Docs', json: TRICKY, blob: '' },
  { list: 'Docs', json: EMPTY_ATTACHMENT, blob: '' },
  { list: 'Docs', json: '{}', blob: '' },
  { list: 'Docs', json: '{"ü":"日本 😀"}', blob: '' },
  { list: 'TimeSeries', json: SEGMENT, blob: '{"[]}' },
  { list: 'TimeSeries', json: SEGMENT, blob: '\x00\x01\x02\x03\x04' },
];

describe('a dump', () => {
  test.each([1, 3, 1000])(
    'with white space between its tokens is told as without, in chunks of %i bytes',
    (size) => {
      const value = JSON.parse(TRICKY) as unknown;
      const blob = '{"[]}';
      const spaced = [
        '{\r\n\t"BuildVersion" : 71028 ,\n "Docs" : [\n',
        [value, { n: 1 }, {}].map((each) => JSON.stringify(each, null, 2)).join(' ,\n '),
        ' , { "a" : "b  c \\" d", "e":[ 1.50 , 2 ] }\n] , "TimeSeries" : [ ',
        `${JSON.stringify(JSON.parse(SEGMENT), null, 1)}${blob} , {"@raven-data" :{ }, "@raven-blob-size" : 5 }${blob} ] }\n`,
      ].join('');
      const { told, scanner } = scan(Buffer.from(spaced), size);
      expect(told).toEqual([
        { list: 'Docs', json: JSON.stringify(value), blob: '' },
        { list: 'Docs', json: '{"n":1}', blob: '' },
        { list: 'Docs', json: '{}', blob: '' },
        { list: 'Docs', json: '{"a":"b  c \\" d","e":[1.50,2]}', blob: '' },
        { list: 'TimeSeries', json: SEGMENT, blob },
        { list: 'TimeSeries', json: '{"@raven-data":{},"@raven-blob-size":5}', blob },
      ]);
      expect(scanner).toMatchObject({ complete: true, overrun: false, buildVersion: 71028 });
    },
  );

  test.each([1, 2, 3, 5, 7, 64, 1000])('is told item by item, in chunks of %i bytes', (size) => {
    // the umlaut was written as UTF-8 in a part of its own
    const { told, scanner } = scan(DUMP, size);
    expect(told).toEqual(TOLD);
    expect(scanner).toMatchObject({ complete: true, inBlob: false, buildVersion: 71028 });
  });

  test('that was cut anywhere is not complete', () => {
    for (let length = 0; length < DUMP.length; length++) {
      expect(scan(DUMP.subarray(0, length)).scanner.complete).toBe(false);
    }
  });

  test('names its sections, and the version also when there are none', () => {
    const names: string[] = [];
    const named = new DumpScanner({ section: (name) => names.push(name), item: () => 0, blob: () => 0 });
    named.push(DUMP);
    expect(names).toEqual(['DatabaseRecord', 'Docs', 'Docs', 'Tombstones', 'TimeSeries']);
    expect(scan(Buffer.from('{"BuildVersion":71028}')).scanner).toMatchObject({
      complete: true,
      buildVersion: 71028,
    });
    expect(scan(Buffer.from('{}')).scanner.buildVersion).toBeUndefined();
  });

  test('that goes on after its end says so', () => {
    expect(scan(Buffer.concat([DUMP, Buffer.from('\r\n\0 ')])).scanner).toMatchObject({ overrun: false });
    for (const size of [1, 1000]) {
      expect(scan(Buffer.concat([DUMP, DUMP]), size).scanner).toMatchObject({
        complete: true,
        overrun: true,
      });
    }
  });

  test.each([1, 3, 1000])('gives the objects beside its lists whole, in chunks of %i bytes', (size) => {
    const objects: string[] = [];
    const scanner = new DumpScanner({
      item: (list) => objects.push(`item of ${list}`),
      blob: () => 0,
      object: (name, json) => objects.push(`${name} ${json}`),
    });
    const dump = Buffer.concat([DUMP.subarray(0, -1), Buffer.from(',"Last":{"a":[{"b":"}\\"]"}]},"N":7}')]);
    for (let at = 0; at < dump.length; at += size) scanner.push(dump.subarray(at, at + size));
    expect(objects.filter((each) => !each.startsWith('item'))).toEqual([
      'DatabaseRecord {"Settings":{"a":"]}"},"Lists":[[{}]]}',
      'Last {"a":[{"b":"}\\"]"}]}',
    ]);
    expect(objects).toContain('item of TimeSeries');
    expect(scanner.complete).toBe(true);
  });

  test('tells how many raw bytes follow each item, and whether they are still to come', () => {
    const sizes: number[] = [];
    const scanner = new DumpScanner({ item: (_list, _json, size) => sizes.push(size), blob: () => 0 });
    const end = DUMP.lastIndexOf('\x00\x01');
    scanner.push(DUMP.subarray(0, end));
    expect(sizes).toEqual([9, 0, 0, 0, 0, 5, 5]);
    expect([scanner.inBlob, scanner.complete]).toEqual([true, false]);
    scanner.push(DUMP.subarray(end, end + 4));
    expect(scanner.inBlob).toBe(true);
    scanner.push(DUMP.subarray(end + 4, end + 5));
    expect(scanner.inBlob).toBe(false);
  });

  test('may have its version and its names anywhere, with white space around the colon', () => {
    const told: string[] = [];
    const scanner = new DumpScanner({
      section: (name) => told.push(`section ${name}`),
      item: (list, json) => told.push(`${list} ${json}`),
      blob: () => 0,
    });
    scanner.push(Buffer.from('{"Docs" :\n [{}], "BuildVersion" : 71030, "a":"[{", "Other"\t: [ ], [{}] }'));
    expect(told).toEqual(['section Docs', 'Docs {}', 'section Other', 'section ', ' {}']);
    expect(scanner).toMatchObject({ buildVersion: 71_030, complete: true, overrun: false });
  });

  test('with endless text between its lists keeps no more of it than a name needs', () => {
    const told: string[] = [];
    const scanner = new DumpScanner({ item: (list) => told.push(list), blob: () => 0 });
    scanner.push(Buffer.from(`{"a":"${'x'.repeat(100_000)}`));
    scanner.push(Buffer.from('y'.repeat(100_000)));
    scanner.push(Buffer.from('","Docs":[{}]}'));
    expect(told).toEqual(['Docs']);
    expect(scanner.complete).toBe(true);
  });

  test('with values of all kinds gives each byte back', () => {
    let seed = 7;
    const random = (below: number) => {
      seed = (seed * 1103515245 + 12345) % 2 ** 31;
      return seed % below;
    };
    const strings = ['', '"', '\\', '\\"', ']', '}', '{"a":[', '\n', '\u2028', '😀', ',"Docs":['];
    const value = (depth: number): unknown => {
      const kind = random(depth > 3 ? 3 : 5);
      if (kind === 0) return strings[random(strings.length)];
      if (kind === 1) return random(1000) - 500;
      if (kind === 2) return [true, false, null][random(3)];
      const items = Array.from({ length: random(4) }, () => value(depth + 1));
      return kind === 3 ? items : Object.fromEntries(items.map((each, at) => [`${strings[at]}${at}`, each]));
    };
    for (let round = 0; round < 200; round++) {
      const items = Array.from({ length: 1 + random(5) }, (_, n) => JSON.stringify({ n, value: value(0) }));
      const dump = Buffer.from(`{"BuildVersion":1,"Docs":[${items.join(',')}]}`);
      const { told, scanner } = scan(dump, 1 + random(40));
      expect(told.map(({ json }) => json)).toEqual(items);
      expect(scanner.complete).toBe(true);
    }
  });
});

test('a document that speaks of attachments is none', () => {
  expect(isAttachment(Buffer.from(ATTACHMENT))).toBe(true);
  expect(isAttachment(Buffer.from('{"@metadata":{"@export-type":"Attachment","@id":"x"}}'))).toBe(false);
  expect(isAttachment(Buffer.from('{"a":{"@metadata":{"@export-type":"Attachment"}}}'))).toBe(false);
});
