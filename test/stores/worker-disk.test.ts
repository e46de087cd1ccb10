import { resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { fileName } from '../../src/stores/worker-disk.ts';

const IDS = [
  'shop',
  'Shop',
  'shop 2',
  'shop%202',
  'shop%2F2',
  'shop/2',
  'shop\\2',
  'shop:2',
  '.',
  '..',
  '...',
  '%2E%2E',
  '../..',
  '../../etc/passwd',
  '/etc/passwd',
  'C:\\windows',
  '.hidden',
  'a..b',
  'a/../b',
  'Größe',
  'Gro\u0308ße',
  'データ',
  '🚚',
  'nul\0byte',
  'line\nbreak',
  '~',
  '-rf',
  '%',
  '%25',
];

describe('the name of a file for an id', () => {
  test.each(IDS)('%j stays inside its folder, and is no folder itself', (id) => {
    const name = fileName(id);
    expect(resolve('/reports', name)).toBe(`/reports/${name}`);
    expect(name).not.toMatch(/[/\\\0\n:]/);
  });

  test('distinct ids have distinct names', () => {
    expect(new Set(IDS.map(fileName)).size).toBe(IDS.length);
  });

  test('plain ids stay readable', () => {
    expect(fileName('shop-2024_v1.2')).toBe('shop-2024_v1.2');
    expect(fileName('my shop')).toBe('my shop');
  });

  test('the same id has the same name', () => {
    for (const id of IDS) expect(fileName(id)).toBe(fileName(id));
  });

  // Linux: 255 bytes a name; Temporal takes ids of 1,000, RavenDB names of 230 characters
  test('long ids make names that a file system takes', () => {
    for (const id of ['x'.repeat(1000), 'ж'.repeat(100)]) {
      expect(Buffer.byteLength(fileName(id))).toBeLessThanOrEqual(255 - '.ravendbdump'.length);
    }
  });
});
