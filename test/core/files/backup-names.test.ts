import { describe, expect, test } from 'vitest';
import {
  type BackupFile,
  byOrder,
  inOrder,
  isLater,
  readName,
  stampOf,
} from '../../../src/core/files/backup-names.ts';
import { at, folder, full, incremental, listed, snapshot } from '../../support/data/backup-listing.ts';

describe('a name', () => {
  test.each([
    ['full-backup', 'full', false, false],
    ['incremental-backup', 'incremental', false, false],
    ['snapshot', 'snapshot', false, false],
    ['encrypted-full-backup', 'full', true, false],
    ['encrypted-incremental-backup', 'incremental', true, false],
    ['encrypted-snapshot', 'snapshot', true, false],
    ['full-dump', 'full', false, true],
    ['incremental-dump', 'incremental', false, true],
    ['FULL-Backup', 'full', false, false],
  ])('ends with .ravendb-%s', (suffix, kind, encrypted, legacy) => {
    expect(readName(listed(`${at('10')}.ravendb-${suffix}`), '')).toMatchObject({
      is: 'backup',
      file: { kind, encrypted, legacy, stamp: at('10') },
    });
  });

  test.each([
    ['notes.txt', { is: 'unknown' }],
    ['shop.ravendbdump', { is: 'unknown' }],
    ['2026-01-02-10-00-00.ravendb-full', { is: 'unknown' }],
    ['ravendb-full-backup', { is: 'unknown' }],
    [`${full('10')}.zip`, { is: 'unknown' }],
    ['notes.txt.part001', { is: 'unknown' }],
    [`${full('10')}.part001.zip`, { is: 'unknown' }],
    [`${full('10')}.in-progress`, { is: 'half-written' }],
    [`${full('10')}.inProgress`, { is: 'half-written' }],
    [`${full('10')}.part`, { is: 'half-written' }],
    [`${full('10')}.tmp`, { is: 'half-written' }],
    [`${full('10')}~`, { is: 'half-written' }],
    [`a/.${full('10')}.xY12zA`, { is: 'half-written' }],
    [`a/.${full('10')}`, { is: 'half-written' }],
    [`a/${full('10')}.part001`, { is: 'part', of: `a/${full('10')}` }],
    [`a/${full('10')}.part2`, { is: 'part', of: `a/${full('10')}` }],
  ])('%s', (path, named) => {
    expect(readName(listed(path), '')).toEqual(named);
  });

  test.each([
    ['2026-01-02-10-00-00', '2026-01-02-10-00-00'],
    ['2026-01-02-10-00', '2026-01-02-10-00'],
    ['2026-01-02-10-00-00-3', '2026-01-02-10-00-00-3'],
    ['2026-01-02-10-00-00-12', '2026-01-02-10-00-00-12'],
    ['2024-02-29-23-59-59', '2024-02-29-23-59-59'],
    ['2026-02-29-10-00-00', undefined],
    ['2026-13-02-10-00-00', undefined],
    ['2026-01-02-24-00-00', undefined],
    ['2026-01-02-10-60-00', undefined],
    ['2026-01-02-10-00-60', undefined],
    ['2026-01-02-10-00-99', undefined],
    ['2026-01-02-10-00-00 copy', undefined],
    ['2026-01-02', undefined],
    ['shop', undefined],
    ['copy-2026-01-02-10-00-00', undefined],
    ['', undefined],
  ])('%j has the time %j', (time, stamp) => {
    const named = readName(listed(`${time}.ravendb-full-backup`), '');
    expect(named).toMatchObject({ file: { stamp } });
  });

  test.each([
    [folder('10'), 'shop', 'A'],
    [folder('10', 'Shop-2', 'B'), 'Shop-2', 'B'],
    [folder('10', 'a-backup-b', 'ABCD'), 'a-backup-b', 'ABCD'],
    [folder('10', 'shop.de'), 'shop.de', 'A'],
    [folder('10', 'shop$1'), 'shop$1', 'A'],
    [folder('10', 'Größe 2'), 'Größe 2', 'A'],
    [folder('10', 'shop', 'A', 'snapshot'), 'shop', 'A'],
    ['2018-02-03-15-34.ravendb-Northwind-A-backup', 'Northwind', 'A'],
    [`deep/down/${folder('10')}/more`, 'shop', 'A'],
    ['backups', undefined, undefined],
    ['2026-01-02-10-00-00.ravendb-shop-1-backup', undefined, undefined],
    ['old 2026-01-02-10-00-00.ravendb-shop-A-backup', undefined, undefined],
    ['2026-01-02-10-00-00.ravendb-shop-A-backup of Monday', undefined, undefined],
  ])('in the folder %s is of %s and node %s', (directory, database, nodeTag) => {
    expect(readName(listed(`${directory}/${full('10')}`), '')).toMatchObject({ file: { database, nodeTag } });
    const inside = readName(listed(full('10')), directory.split('/').at(-1) ?? '');
    if (!directory.includes('/')) expect(inside).toMatchObject({ file: { database, nodeTag } });
  });

  test.each(['shop~1', 'shop.de'])('that somebody chose is one of a backup: %s', (name) => {
    expect(readName(listed(`${name}.ravendb-full-backup`), '')).toMatchObject({ is: 'backup' });
  });

  test('belongs with those beside it where RavenDB did not make the folder', () => {
    expect(readName(listed(`a/b/${full('10')}`), '')).toMatchObject({ file: { folder: 'a/b' } });
    expect(readName(listed(`a/${folder('10')}/${full('10')}`), '')).toMatchObject({
      file: { folder: folder('10') },
    });
  });

  test('for the ledger does not depend on where the folder lies', () => {
    const names = [
      readName(listed(`a/b/${folder('10')}/${full('10')}`), ''),
      readName(listed(`${folder('10')}/${full('10')}`), 'b'),
      readName(listed(full('10')), folder('10')),
    ].map((named) => named.is === 'backup' && named.file.name);
    expect(new Set(names)).toEqual(new Set([`${folder('10')}/${full('10')}`]));
    expect(readName(listed(`a/${full('10')}`), '')).toMatchObject({ file: { name: full('10') } });
  });
});

describe('backups are applied', () => {
  const file = (path: string, modifiedAt = '2026-01-03T00:00:00.000Z'): BackupFile => {
    const named = readName(listed(path, { modifiedAt }), '');
    if (named.is !== 'backup') throw new Error(`${path} is ${named.is}`);
    return named.file;
  };
  const ordered = (...files: BackupFile[]) => {
    const paths = files.toSorted(byOrder).map(({ path }) => path);
    expect(
      files
        .toReversed()
        .sort(byOrder)
        .map(({ path }) => path),
    ).toEqual(paths);
    return paths;
  };

  test('by the time in the name, whatever the time of the file; those without one first', () => {
    const [early, late] = [file(full('09'), '2026-01-09T00:00:00.000Z'), file(full('10'))];
    const paths = ordered(late, file('by-hand.ravendb-full-backup'), early);
    expect(paths).toEqual(['by-hand.ravendb-full-backup', full('09'), full('10')]);
  });

  test('a full one before an incremental one of the same second', () => {
    const next = file(`a/${incremental('10')}`, '2026-01-01T00:00:00.000Z');
    expect(ordered(next, file(`b/${full('10')}`))).toEqual([`b/${full('10')}`, `a/${incremental('10')}`]);
    expect(ordered(next, file(`b/${snapshot('10')}`))[0]).toBe(`b/${snapshot('10')}`);
  });

  test('else by the time of the file, and at last by its place', () => {
    const [first, second] = [file(`b/${full('10')}`, '2026-01-02T10:00:00.000Z'), file(`a/${full('10')}`)];
    expect(ordered(second, first)).toEqual([first.path, second.path]);
    expect(ordered(file(`d/${full('10')}`), file(`c/${full('10')}`))).toEqual([
      `c/${full('10')}`,
      `d/${full('10')}`,
    ]);
    expect(byOrder(first, first)).toBe(0);
  });

  test('in the order of code units, which no language changes', () => {
    expect(['b', 'ä', 'B', 'a'].sort(inOrder)).toEqual(['B', 'a', 'b', 'ä']);
    expect(inOrder('a', 'a')).toBe(0);
  });
});

describe('a limit', () => {
  test.each([
    ['2026-01-02T10:20:30Z', '2026-01-02-10-20-30'],
    ['2026-01-02T10:20:30.999+02:00', '2026-01-02-10-20-30'],
    ['2026-01-02t10:20Z', '2026-01-02-10-20-59'],
  ])('%s takes backups up to %s', (time, stamp) => {
    expect(stampOf(time)).toBe(stamp);
  });

  test.each([
    ['2026-01-02-10-20-30', false],
    ['2026-01-02-10-20-31', true],
    ['2026-01-02-10-20-29', false],
    // the third file of that second
    ['2026-01-02-10-20-30-3', false],
    ['2026-01-02-10-20', false],
    ['2026-01-02-10-21', true],
    ['2026-01-02-10-19', false],
  ])('of 10:20:30 leaves out %s: %s', (stamp, isOut) => {
    expect(isLater(stamp, '2026-01-02-10-20-30')).toBe(isOut);
  });
});
