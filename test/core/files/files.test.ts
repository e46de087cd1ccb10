import { describe, expect, test } from 'vitest';
import {
  DUMP_SUFFIX,
  ledgersOf,
  MANIFEST_SUFFIX,
  type Manifest,
  manifestSchema,
  partOfName,
} from '../../../src/core/files/files.ts';

test('files are named as RavenDB names them, and manifests after them', () => {
  expect([DUMP_SUFFIX, MANIFEST_SUFFIX]).toEqual(['.ravendbdump', '.manifest.json']);
});

test('the ledgers of a workflow have a place of their own, whatever its id', () => {
  expect(ledgersOf('import-shop')).toBe('imports/import-shop/');
  expect(ledgersOf('a/b%c')).toBe('imports/a%2Fb%25c/');
  expect(partOfName('plain name')).toBe('plain name');
});

describe('the manifest of a dump', () => {
  const manifest: Manifest = {
    format: 1,
    exportedAt: '2026-01-02T03:04:05.000Z',
    source: { connection: 'prod', database: 'Shop', sharded: false, server: '7.0.1' },
    position: { etag: 42, raftIndex: 7, compareExchange: '9', databaseId: 'abc', nodeTag: 'A' },
    types: ['Documents', 'CounterGroups'],
    collections: ['Orders'],
    transformed: true,
    compression: 'zstd',
    encryptionKey: 'vault',
    file: 'Shop.ravendbdump',
    bytes: 1_000,
    sha256: 'ff',
    counts: { Documents: 3 },
  };
  const ofAll: Manifest = {
    ...manifest,
    position: null,
    collections: null,
    compression: 'gzip',
    encryptionKey: null,
  };

  test('is read with all that the export wrote', () => {
    expect(manifestSchema.parse(JSON.parse(JSON.stringify(manifest)))).toEqual(manifest);
  });

  test('of a sharded source with everything in it names neither position, collections nor key', () => {
    expect(manifestSchema.parse(ofAll)).toEqual(ofAll);
  });

  test.each([
    ['format', 2],
    ['source', { connection: 'prod', database: 'Shop' }],
    ['position', { etag: 42 }],
    ['types', ['Everything']],
    ['compression', 'zip'],
    ['sha256', undefined],
    ['counts', { Documents: 'three' }],
  ])('is refused where %s is not what this version writes', (field, value) => {
    const read = manifestSchema.safeParse({ ...manifest, [field]: value });
    expect(read.error?.issues.map(({ path }) => path[0])).toContain(field);
  });
});
