import { describe, expect, test } from 'vitest';
import type { Wanted } from '../../../src/core/files/backup-files.ts';
import {
  at,
  chainOf,
  type Entry,
  folder,
  full,
  incremental,
  snapshot,
  sound,
} from '../../support/data/backup-listing.ts';

describe('a chain', () => {
  test.each<[string, Entry[], Wanted, string[]]>([
    ['of one file', [`${folder('10')}/${full('10')}`], {}, [`${folder('10')}/${full('10')}`]],
    [
      'in the folder of the backup',
      [full('10'), incremental('11')],
      { root: folder('10') },
      [full('10'), incremental('11')],
    ],
    [
      'of the newest full backup and what lies beside it, in order',
      [
        `${folder('12')}/${incremental('14')}`,
        `${folder('12')}/${full('12')}`,
        `${folder('12')}/${incremental('13')}`,
        `${folder('10')}/${full('10')}`,
        `${folder('10')}/${incremental('11')}`,
      ],
      {},
      [
        `${folder('12')}/${full('12')}`,
        `${folder('12')}/${incremental('13')}`,
        `${folder('12')}/${incremental('14')}`,
      ],
    ],
    [
      'that begins and goes on in the same second',
      [incremental('10'), full('10')],
      { root: folder('10') },
      [full('10'), incremental('10')],
    ],
    [
      'of encrypted files',
      [`${at('10')}.ravendb-encrypted-full-backup`, `${at('11')}.ravendb-encrypted-incremental-backup`],
      { root: folder('10') },
      [`${at('10')}.ravendb-encrypted-full-backup`, `${at('11')}.ravendb-encrypted-incremental-backup`],
    ],
    [
      'of names without seconds',
      ['2018-12-26-09-00.ravendb-full-backup', '2018-12-26-12-00.ravendb-incremental-backup'],
      { root: '2018-12-26-09-00.ravendb-Products-A-backup' },
      ['2018-12-26-09-00.ravendb-full-backup', '2018-12-26-12-00.ravendb-incremental-backup'],
    ],
    [
      'of one database among several, whatever the case',
      [`a/${folder('10', 'Shop')}/${full('10')}`, `b/${folder('12', 'other')}/${full('12')}`],
      { database: 'sHOP' },
      [`a/${folder('10', 'Shop')}/${full('10')}`],
    ],
    [
      'of a database whose folders differ in case',
      [`${folder('10', 'Shop')}/${full('10')}`, `${folder('12', 'shop')}/${full('12')}`],
      {},
      [`${folder('12', 'shop')}/${full('12')}`],
    ],
    [
      'of the node that made the newest full backup',
      [`${folder('10', 'shop', 'A')}/${full('10')}`, `${folder('12', 'shop', 'B')}/${full('12')}`],
      {},
      [`${folder('12', 'shop', 'B')}/${full('12')}`],
    ],
    [
      'from before a snapshot, which is later than wanted',
      [`${folder('10')}/${full('10')}`, `${folder('12', 'shop', 'A', 'snapshot')}/${snapshot('12')}`],
      { upTo: '2026-01-02T11:00:00Z' },
      [`${folder('10')}/${full('10')}`],
    ],
    [
      'after a snapshot',
      [`${folder('10', 'shop', 'A', 'snapshot')}/${snapshot('10')}`, `${folder('12')}/${full('12')}`],
      {},
      [`${folder('12')}/${full('12')}`],
    ],
    [
      'whose folder lies in two parts',
      [`a/${folder('10')}/${full('10')}`, `b/${folder('10')}/${incremental('11')}`],
      {},
      [`a/${folder('10')}/${full('10')}`, `b/${folder('10')}/${incremental('11')}`],
    ],
  ])('%s', (_case, entries, wanted, paths) => {
    expect(sound(entries, wanted).paths).toEqual(paths);
  });

  test('tells its database as the folder is called', () => {
    expect(chainOf([`${folder('10', 'Shop')}/${full('10')}`], { database: 'shop' }).database).toBe('Shop');
    expect(chainOf([full('10')]).database).toBeNull();
    expect(chainOf([full('10')], { database: 'shop' }).database).toBe('shop');
  });

  test('says what it leaves out and why', () => {
    const { ignored } = chainOf(
      [
        `${folder('10')}/${full('10')}`,
        `${folder('12')}/${full('12')}`,
        `${folder('12')}/${incremental('13')}`,
        `${folder('10', 'other')}/${full('10')}`,
        `${folder('12')}/${incremental('11')}.in-progress`,
        'readme.md',
        full('09'),
      ],
      { database: 'shop', upTo: '2026-01-02T12:30:00Z' },
    );
    expect(Object.fromEntries(ignored.map(({ path, why }) => [path, why]))).toEqual({
      [`${folder('10')}/${full('10')}`]: 'older',
      [`${folder('12')}/${incremental('13')}`]: 'later',
      [`${folder('10', 'other')}/${full('10')}`]: 'other-database',
      [`${folder('12')}/${incremental('11')}.in-progress`]: 'half-written',
      'readme.md': 'unknown',
      [full('09')]: 'nameless',
    });
  });
});

describe('up to a time', () => {
  const entries = [full('10'), incremental('11'), `2026-01-02-11-30-15.ravendb-incremental-backup`];
  const root = folder('10');

  test.each([
    ['2026-01-02T10:00:00Z', 1],
    ['2026-01-02T10:59:59Z', 1],
    ['2026-01-02T11:00:00Z', 2],
    ['2026-01-02T11:00Z', 2],
    ['2026-01-02T11:30:14.999Z', 2],
    ['2026-01-02T11:30:15.001Z', 3],
    ['2026-01-02T11:30Z', 3],
    ['2026-01-03T00:00:00Z', 3],
    // as the clock of the server shows it, which names follow
    ['2026-01-02T11:00:00+09:00', 2],
    ['2026-01-02T10:59:59-08:00', 1],
  ])('%s there are %i files', (upTo, count) => {
    expect(sound(entries, { root, upTo }).paths).toHaveLength(count);
  });

  test('a name without seconds counts when its minute does', () => {
    const old = ['2026-01-02-10-00.ravendb-full-backup', '2026-01-02-10-05.ravendb-incremental-backup'];
    const names = { root: '2026-01-02-10-00.ravendb-shop-A-backup' };
    expect(sound(old, { ...names, upTo: '2026-01-02T10:05:00Z' }).paths).toHaveLength(2);
    expect(sound(old, { ...names, upTo: '2026-01-02T10:04:59Z' }).paths).toHaveLength(1);
  });

  test('the limit is told as the names have it', () => {
    expect(sound(entries, { root, upTo: '2026-01-02T11:00:00+01:00' }).warnings).toEqual([
      expect.stringContaining('up to 2026-01-02-11-00-00'),
    ]);
  });

  test('a newer full backup is told', () => {
    const both = [`${folder('10')}/${full('10')}`, `${folder('12')}/${full('12')}`];
    const { paths, warnings } = sound(both, { upTo: '2026-01-02T11:00:00Z' });
    expect(paths).toEqual([both[0]]);
    expect(warnings).toContain(`There is a newer full backup, ${both[1]}, from after 2026-01-02T11:00:00Z.`);
  });

  test('a clock that the time does not fit is noticed: the file was there before it was begun', () => {
    const early: Entry = [incremental('12'), { modifiedAt: '2026-01-02T10:30:00.000Z' }];
    const { warnings } = sound([full('10'), early], { root, upTo: '2026-01-02T11:00:00Z' });
    expect(warnings.join()).toContain('with the offset of the server');
    expect(warnings.join()).toContain(incremental('12'));
  });

  test('before all files there is nothing, and the first is named', () => {
    const { problems } = chainOf(entries, { root, upTo: '2026-01-02T09:00:00Z' });
    expect(problems).toEqual([expect.stringContaining(`the first is ${root}/${full('10')}`)]);
  });
});

describe('a warning', () => {
  test.each<[string, Entry[], Wanted, RegExp[]]>([
    [
      'is not needed for what is as RavenDB makes it',
      [full('10'), incremental('11')],
      { root: folder('10') },
      [],
    ],
    [
      'nor for what is older or of others',
      [
        `${folder('10')}/${full('10')}`,
        `${folder('12')}/${full('12')}`,
        `${folder('13', 'b')}/${full('13')}`,
      ],
      { database: 'shop' },
      [],
    ],
    [
      'tells of unknown files',
      [full('10'), 'a', 'b'],
      { root: folder('10') },
      [/not named like a backup\): a, b\.$/],
    ],
    [
      'tells of a backup that is being made',
      [full('10'), `${incremental('11')}.in-progress`],
      { root: folder('10') },
      [/not complete\): .*in-progress\.$/],
    ],
    [
      'tells which of two equal files is taken',
      [`b/${folder('10')}/${full('10')}`, `a/${folder('10')}/${full('10')}`],
      {},
      [/copies of other files\): b\//],
    ],
    [
      'is enough for copies that differ where they are not needed',
      [
        `a/${folder('10')}/${full('10')}`,
        [`b/${folder('10')}/${full('10')}`, { bytes: 50 }],
        `b/${folder('12')}/${full('12')}`,
      ],
      {},
      [/copies of other files\): b\//],
    ],
    [
      'tells of a link to a file that is there too',
      [`b/${folder('10')}/${full('10')}`, [`a/${folder('10')}/${full('10')}`, { link: true, bytes: 0 }]],
      {},
      [/links, which are not followed\): a\//],
    ],
    [
      'tells of a folder that is a link',
      [full('10'), ['a', { link: true }]],
      { root: folder('10') },
      [/links.*: a\.$/],
    ],
    [
      'tells of continuations of files that are not needed',
      [full('10'), full('12'), `${full('10')}.part001`],
      { root: folder('10') },
      [/several full backups in one folder/, /continuations of other files\): /],
    ],
    ['tells of a folder whose name does not tell', [full('10')], {}, [/so their database is unknown/]],
    [
      'tells that the name of the database was not checked',
      [full('10')],
      { database: 'shop' },
      [/so it is unknown whether they are of "shop"/],
    ],
    [
      'tells of files beside the folders',
      [`${folder('10')}/${full('10')}`, full('12')],
      {},
      [/in a folder whose name does not name a database\): /],
    ],
    [
      'tells of RavenDB 3',
      [`${at('10')}.ravendb-full-dump`],
      { root: folder('10') },
      [/was written by RavenDB 3/],
    ],
  ])('%s', (_case, entries, wanted, warnings) => {
    expect(sound(entries, wanted).warnings).toEqual(
      warnings.map((warning) => expect.stringMatching(warning)),
    );
  });
});
