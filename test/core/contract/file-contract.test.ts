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

  test('are taken as they are, texts without white space around them', () => {
    const chosen = {
      types: ['Documents', 'CounterGroups'],
      collections: ['Orders', 'Products'],
      encryptionKey: 'backups',
    };
    expect(
      parseExportDatabase({ ...chosen, source: SOURCE, transformScript: "  throw 'skip'\n" }),
    ).toMatchObject({ ok: true, value: { ...chosen, transformScript: "throw 'skip'" } });
    expect(parseImportDump({ ...chosen, dump: { path: ' a ', host: 'one' }, target: TARGET })).toMatchObject({
      ok: true,
      value: { ...chosen, dump: { path: 'a', host: 'one' } },
    });
    for (const place of [{ host: 'one' }, { bucket: 'b', upTo: '2026-01-01T00:00:00+02:00' }]) {
      const backup = { path: 'a', database: 'Shop', ...place };
      expect(parseImportBackup({ backup, target: TARGET })).toMatchObject({ ok: true, value: { backup } });
    }
  });

  test.each([
    [parseExportDatabase, 'exportDatabase'],
    [parseImportDump, 'importDump'],
    [parseImportBackup, 'importBackup'],
  ])('bear their name where they are refused: %o of %s', (parse, type) => {
    const parsed = parse(undefined);
    expect(parsed.ok ? '' : parsed.problem).toContain(`Invalid input of ${type}: the input is missing`);
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
    [parseExportDatabase, { source: SOURCE, collections: [] }, 'collections must be at least 1'],
    [parseExportDatabase, { source: SOURCE, collections: [' '] }, 'collections.0 must not be empty'],
    [parseExportDatabase, { source: SOURCE, transformScript: ' ' }, 'transformScript must not be empty'],
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
