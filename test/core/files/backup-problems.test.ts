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
} from '../../support/data/backup-listing.ts';

describe('no chain can be imported', () => {
  test.each<[string, Entry[], Wanted, RegExp[]]>([
    ['nothing', [], {}, [/^The folder holds no backup, that is, no file such as .*`backup\.path`/]],
    ['other files', ['a.txt', 'b/c.zip'], {}, [/^The folder holds no backup, that is, no file such as/]],
    ['a dump', ['shop.ravendbdump'], {}, [/the dump shop\.ravendbdump: `importDump`/]],
    [
      'a backup that is being made',
      [`${folder('10')}/${full('10')}.in-progress`],
      {},
      [/not complete: wait/],
    ],
    [
      'incremental ones alone',
      [incremental('11')],
      { root: folder('10') },
      [/no full backup before .*copy it/],
    ],
    [
      'an incremental one that is older than the full one of its folder',
      [incremental('09')],
      { root: folder('10') },
      [/no full backup before/],
    ],
    [
      'a snapshot alone',
      [snapshot('10'), incremental('11')],
      { root: folder('10', 'shop', 'A', 'snapshot') },
      [/is a snapshot, .*not sharded and move that by `migrateDatabase`\.$/],
    ],
    [
      'an encrypted snapshot',
      [`${at('10')}.ravendb-encrypted-snapshot`],
      { root: folder('10', 'shop', 'A', 'snapshot') },
      [/is a snapshot/],
    ],
    [
      'a snapshot that is the newest',
      [`${folder('10')}/${full('10')}`, `${folder('12', 'shop', 'A', 'snapshot')}/${snapshot('12')}`],
      {},
      [
        /12-00-00\.ravendb-snapshot, is a snapshot.*or choose .*10-00-00\.ravendb-full-backup by an earlier `backup\.upTo`/,
      ],
    ],
    [
      'several databases',
      [`${folder('10', 'a')}/${full('10')}`, `${folder('10', 'b')}/${full('10')}`],
      {},
      [/several databases \(a, b\): name .*`backup\.database`/],
    ],
    [
      'many databases',
      ['a', 'b', 'c', 'd', 'e'].map((name) => `${folder('10', name)}/${full('10')}`),
      {},
      [/\(a, b, c and 2 more\)/],
    ],
    [
      'another database',
      [full('10')],
      { root: folder('10', 'a'), database: 'b' },
      [/no backup of "b", but of a:/],
    ],
    [
      'shards',
      [0, 1].map((shard) => `${folder('10', `shop$${shard}`)}/${full('10')}`),
      {},
      [/the shards of "shop", which is sharded already/],
    ],
    ['a shard', [full('10')], { root: folder('10', 'shop$2') }, [/the shards of "shop"/]],
    [
      'shards of what was asked for',
      [full('10')],
      { root: folder('10', 'Shop$2'), database: 'shop' },
      [/of "Shop"/],
    ],
    [
      'shards beside others',
      [`${folder('10', 'shop$0')}/${full('10')}`, `${folder('10', 'a')}/${full('10')}`],
      { database: 'shop$0' },
      [/the shards of "shop"/],
    ],
    [
      'incremental ones of an older full backup that are newer than the newest',
      [
        `${folder('10')}/${full('10')}`,
        `${folder('10')}/${incremental('13')}`,
        `${folder('12')}/${full('12')}`,
      ],
      {},
      [
        /13-00-00.* belongs to the full backup .*10-00-00\.ravendb-full-backup and not to the newest, .*`backup\.path`/,
      ],
    ],
    [
      'the same by another node',
      [
        `${folder('10', 'shop', 'B')}/${full('10')}`,
        `${folder('10', 'shop', 'B')}/${incremental('13')}`,
        `${folder('12')}/${full('12')}`,
      ],
      {},
      [/\(node B\) belongs to the full backup .* and not to the newest/],
    ],
    [
      'an incremental one without its full one',
      [`${folder('10')}/${incremental('13')}`, `${folder('12')}/${full('12')}`],
      {},
      [/13-00-00.* has no full backup in its folder and does not belong to the newest, .*`backup\.path`/],
    ],
    [
      'two full backups of the same second',
      [`${folder('10', 'shop', 'A')}/${full('10')}`, `${folder('10', 'shop', 'B')}/${full('10')}`],
      {},
      [/full backups of the same time: give the folder of one/],
    ],
    [
      'an empty full one',
      [[full('10'), { bytes: 0 }]],
      { root: folder('10') },
      [/full-backup is empty: copy it again/],
    ],
    [
      'an empty incremental one',
      [full('10'), [incremental('11'), { bytes: 0 }]],
      { root: folder('10') },
      [/incremental-backup is empty/],
    ],
    [
      'a name without a time',
      ['shop.ravendb-full-backup'],
      { root: folder('10') },
      [/shop\.ravendb-full-backup does not begin with a time .*rename it/],
    ],
    [
      'one name without a time among others',
      [full('10'), 'later.ravendb-incremental-backup'],
      { root: folder('10') },
      [/later\.ravendb-incremental-backup does not begin with a time/],
    ],
    [
      'the same file twice, of different sizes',
      [`a/${folder('10')}/${full('10')}`, [`b/${folder('10')}/${full('10')}`, { bytes: 50 }]],
      {},
      [/^a\/.* and b\/.* have the same name but not the same size: remove/],
    ],
    [
      'a file that goes on in others',
      [full('10'), `${full('10')}.part001`],
      { root: folder('10') },
      [/full-backup continues in .*part001, and such parts cannot be read/],
    ],
    [
      'a link',
      [[full('10'), { link: true }]],
      { root: folder('10') },
      [/is a link, and links are not followed/],
    ],
    [
      'folders that do not tell the database',
      [`full/${full('10')}`, `incremental/${incremental('11')}`],
      {},
      [/several folders \(full, incremental\) whose names do not name a database/],
    ],
    [
      'files above and below that do not tell it',
      [full('10'), `more/${incremental('11')}`],
      {},
      [/several folders \(\., more\)/],
    ],
  ])('of %s', (_case, entries, wanted, problems) => {
    const chain = chainOf(entries, wanted);
    expect(chain.problems).toEqual(problems.map((problem) => expect.stringMatching(problem)));
    for (const problem of chain.problems) expect(problem).toMatch(/^[^.]\S.*\.$/);
  });
});
