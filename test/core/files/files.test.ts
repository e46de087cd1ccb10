import { expect, test } from 'vitest';
import { type Manifest, manifestSchema } from '../../../src/core/files/files.ts';

const MANIFEST: Manifest = {
  format: 1,
  exportedAt: '2026-01-01T00:00:00.000Z',
  source: { connection: 'production', database: 'Shop', sharded: false, server: '7.1.5' },
  position: { etag: 7, raftIndex: 3, databaseId: 'x', nodeTag: 'A' },
  types: ['Documents', 'Attachments'],
  collections: ['Orders'],
  transformed: false,
  compression: 'zstd',
  encryptionKey: null,
  file: 'Shop.ravendbdump',
  bytes: 100,
  sha256: 'ab',
  counts: { Documents: 4 },
};

test('a manifest is read as it was written', () => {
  expect(manifestSchema.parse(JSON.parse(JSON.stringify(MANIFEST)))).toEqual(MANIFEST);
  const sharded = {
    ...MANIFEST,
    source: { ...MANIFEST.source, sharded: true },
    position: null,
    collections: null,
    compression: 'gzip',
    encryptionKey: 'backups',
  };
  expect(manifestSchema.parse(sharded)).toEqual(sharded);
});

test.each([
  ['of another format', { format: 2 }],
  ['with a compression that nobody reads', { compression: 'brotli' }],
  ['with a kind of item that nobody knows', { types: ['Documents', 'Novelties'] }],
  ['without the hash of its file', { sha256: undefined }],
  ['without the length of its file', { bytes: undefined }],
  ['with half a position', { position: { etag: 7 } }],
  [
    'that does not say whether the source was sharded',
    { source: { connection: 'a', database: 'b', server: 'c' } },
  ],
])('a manifest %s is refused', (_case, change) => {
  expect(manifestSchema.safeParse({ ...MANIFEST, ...change }).success).toBe(false);
});
