import { describe, expect, test } from 'vitest';
import { readName } from '../../../src/core/files/backup-names.ts';
import { at, folder, full, listed } from '../../support/data/backup-listing.ts';

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
    ['2024-02-29-23-59-59', '2024-02-29-23-59-59'],
    ['2026-02-29-10-00-00', undefined],
    ['2026-13-02-10-00-00', undefined],
    ['2026-01-02-24-00-00', undefined],
    ['2026-01-02-10-60-00', undefined],
    ['2026-01-02-10-00-60', undefined],
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
  ])('in the folder %s is of %s and node %s', (directory, database, nodeTag) => {
    expect(readName(listed(`${directory}/${full('10')}`), '')).toMatchObject({ file: { database, nodeTag } });
    const inside = readName(listed(full('10')), directory.split('/').at(-1) ?? '');
    if (!directory.includes('/')) expect(inside).toMatchObject({ file: { database, nodeTag } });
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
