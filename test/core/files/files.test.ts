import { expect, test } from 'vitest';
import { DUMP_SUFFIX, ledgersOf, MANIFEST_SUFFIX, partOfName } from '../../../src/core/files/files.ts';

test('files are named as RavenDB names them, and manifests after them', () => {
  expect([DUMP_SUFFIX, MANIFEST_SUFFIX]).toEqual(['.ravendbdump', '.manifest.json']);
});

test('the ledgers of a workflow have a place of their own, whatever its id', () => {
  expect(ledgersOf('import-shop')).toBe('imports/import-shop/');
  expect(ledgersOf('a/b%c')).toBe('imports/a%2Fb%25c/');
  expect(partOfName('plain name')).toBe('plain name');
});
