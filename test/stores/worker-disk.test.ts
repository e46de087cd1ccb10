import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { fileName, writeText, writeWhole } from '../../src/stores/worker-disk.ts';

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

describe('a file that is written as a whole', () => {
  let directory: string;

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'shardlift-whole-'));
  });
  afterEach(() => rm(directory, { recursive: true }));

  test('has its name only when it is whole', async () => {
    const path = join(directory, 'dump');
    const size = await writeWhole(path, async (unfinished) => {
      await writeFile(unfinished, 'half');
      const names = await readdir(directory);
      expect(names).toHaveLength(1);
      expect(names[0]).toMatch(/^dump\..*\.part$/);
      await writeFile(unfinished, 'whole');
      return 5;
    });
    expect(size).toBe(5);
    expect(await readdir(directory)).toEqual(['dump']);
    expect(await readFile(path, 'utf8')).toBe('whole');
  });

  test('leaves the one before, and nothing else, when it fails', async () => {
    const path = join(directory, 'report.json');
    await writeText(path, 'before');
    const failed = writeWhole(path, async (unfinished) => {
      await writeFile(unfinished, 'half');
      throw new Error('the disk is full');
    });
    await expect(failed).rejects.toThrow('the disk is full');
    expect(await readdir(directory)).toEqual(['report.json']);
    expect(await readFile(path, 'utf8')).toBe('before');
  });
});
