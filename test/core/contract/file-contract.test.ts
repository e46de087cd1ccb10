import { describe, expect, test } from 'vitest';
import {
  itemTypes,
  parseExportDatabase,
  parseImportBackup,
  parseImportDump,
} from '../../../src/core/contract/file-contract.ts';

const SOURCE = { connection: 'prod', database: 'Shop' };
const TARGET = { connection: 'prod', database: 'ShopSharded', shards: 3 };

describe('the inputs of exports and imports', () => {
  test('have defaults for all but places', () => {
    expect(parseExportDatabase({ source: SOURCE })).toEqual({
      ok: true,
      value: {
        source: SOURCE,
        directory: '.',
        types: itemTypes,
        collections: null,
        transformScript: null,
        compression: 'zstd',
        encryptionKey: null,
      },
    });
    expect(parseImportDump({ dump: { path: 'a' }, target: TARGET })).toMatchObject({
      ok: true,
      value: {
        dump: { path: 'a', host: null },
        types: itemTypes,
        collections: null,
        maxItemsPerSecond: null,
      },
    });
    expect(parseImportBackup({ backup: { path: 'a' }, target: TARGET })).toMatchObject({
      ok: true,
      value: { backup: { path: 'a', host: null, bucket: null, database: null, upTo: null } },
    });
  });

  test.each([
    [parseExportDatabase, {}, 'source is missing'],
    [parseExportDatabase, { source: SOURCE, types: ['Docs'] }, 'types.0 must be one of "Documents"'],
    [parseExportDatabase, { source: SOURCE, types: [] }, 'types must be at least 1'],
    [
      parseExportDatabase,
      { source: SOURCE, compression: 'zip' },
      'compression must be one of "zstd", "gzip"',
    ],
    [parseImportDump, { target: TARGET }, 'dump is missing'],
    [parseImportDump, { dump: { path: '' }, target: TARGET }, 'dump.path must not be empty'],
    [parseImportDump, { dump: { path: 'a' } }, 'target is missing'],
    [
      parseImportBackup,
      { backup: { path: 'a', upTo: 'today' }, target: TARGET },
      'backup.upTo must be a time',
    ],
    [
      parseImportBackup,
      { backup: { path: 'a', host: 'one', bucket: 'b' }, target: TARGET },
      'backup.host is only for folders of a worker',
    ],
    [parseImportBackup, { backup: { path: 'a' }, target: TARGET, key: 'x' }, 'key is not a field'],
  ])('%o refuses %j', (parse, input, problem) => {
    const parsed = (parse as (input: unknown) => ReturnType<typeof parseExportDatabase>)(input);
    expect(parsed).toMatchObject({ ok: false, problem: expect.stringContaining(problem) });
  });
});
