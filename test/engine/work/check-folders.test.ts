import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { checkFolders } from '../../../src/engine/work/check-folders.ts';

describe('the folders of a worker', () => {
  let directory: string;
  /** Nobody can write below a file. */
  let closed: string;

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'shardlift-folders-'));
    await writeFile(join(directory, 'file'), '');
    closed = join(directory, 'file', 'reports');
  });
  afterAll(() => rm(directory, { recursive: true }));

  function check(dumpDirectory: string, reportDirectory: string) {
    return checkFolders({ config: { dumpDirectory, reportDirectory } });
  }

  test('that can be written need no words, and nothing is left in them', async () => {
    const open = join(directory, 'open');
    expect(await check(open, open)).toEqual([]);
    expect(await readdir(open)).toEqual([]);
  });

  test('block a run whose items could not wait on their way', async () => {
    expect(await check(closed, directory)).toEqual([
      {
        name: 'dump directory',
        status: 'blocker',
        message: expect.stringMatching(/cannot write to dumpDirectory.*ENOTDIR.*or move dumpDirectory/),
      },
    ]);
  });

  test('warn of a report that could not be written', async () => {
    expect(await check(directory, closed)).toEqual([
      {
        name: 'report directory',
        status: 'warning',
        message: expect.stringMatching(/cannot write to reportDirectory.*ENOTDIR.*query "report"/),
      },
    ]);
  });
});
