import { describe, expect, test } from 'vitest';
import { tombstoneId, tombstoneOwner } from '../../../src/ravendb/dump/dump-items.ts';
import { deletedInBatches, inBatches, scan } from '../../../src/ravendb/dump/scan.ts';

/** Dump bytes in pieces that end anywhere. */
async function* inChunks(dump: object, size: number): AsyncGenerator<Buffer> {
  const bytes = Buffer.from(JSON.stringify(dump));
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

async function all<T>(given: AsyncIterable<T>): Promise<T[]> {
  const items: T[] = [];
  for await (const item of given) items.push(item);
  return items;
}

const ids = (count: number) => Array.from({ length: count }, (_, n) => `items/${n}`);

describe('walking a dump', () => {
  test('gives what is picked of each chunk, in its order', async () => {
    const dump = { Docs: ids(100).map((n) => ({ n })), Tombstones: [{ n: 'gone' }] };
    const picked = await all(
      scan(inChunks(dump, 50), (list, json) => (list === 'Docs' ? json.toString() : undefined)),
    );
    expect(picked.length).toBeGreaterThan(10);
    expect(picked.every((some) => some.length > 0)).toBe(true);
    expect(picked.flat()).toEqual(ids(100).map((n) => JSON.stringify({ n })));
  });

  test('ends when nothing more is wanted, and lets the dump go', async () => {
    let isClosed = false;
    async function* dump(): AsyncGenerator<Buffer> {
      try {
        yield* inChunks({ Docs: ids(100).map((n) => ({ n })) }, 50);
      } finally {
        isClosed = true;
      }
    }
    for await (const [first] of scan(dump(), (_list, json) => json.toString())) {
      expect(first).toBe('{"n":"items/0"}');
      break;
    }
    expect(isClosed).toBe(true);
  });
});

describe('walking a dump in batches', () => {
  test.each([7, 1_000_000])(
    'gives all that is wanted in its order, 500 at a time (chunks of %i)',
    async (size) => {
      const dump = {
        Docs: [{ n: 'other' }],
        Tombstones: ids(1_201).map((n) => ({ n })),
        Identities: [{ n: 'x' }],
      };
      const batches = await all(
        inBatches(inChunks(dump, size), (list, json) => {
          if (list !== 'Tombstones') return undefined;
          const { n } = JSON.parse(json.toString()) as { n: string };
          return [n, n.length];
        }),
      );
      expect(batches.map((batch) => batch.size)).toEqual([500, 500, 201]);
      expect(batches.flatMap((batch) => [...batch.keys()])).toEqual(ids(1_201));
      expect(batches[2]?.get('items/1200')).toBe(10);
    },
  );

  test('gives nothing for a dump without any of it', async () => {
    const batches = inBatches(inChunks({ Docs: [{ n: 1 }] }, 5), () => undefined);
    expect(await all(batches)).toEqual([]);
  });

  test.each([
    ['documents', tombstoneId, ['gone/1', 'gone/2']],
    ['owners of attachments and revisions', tombstoneOwner, ['owner/1']],
  ])('names what is deleted, once a batch: %s', async (_case, idOf, expected) => {
    const separator = '\u001e';
    const Tombstones = [
      { Key: `owner/1${separator}d${separator}a${separator}hash`, Type: 'Attachment' },
      { Key: `owner/1${separator}A:7-x`, Type: 'Revision' },
      { Key: 'gone/1', Type: 'Document' },
      { Key: 'gone/2', Type: 'Document' },
      { Key: 'gone/1', Type: 'Document' },
    ];
    expect(await all(deletedInBatches(inChunks({ Tombstones }, 11), idOf))).toEqual([expected]);
  });
});
