import { describe, expect, test } from 'vitest';
import { backupChain } from '../../../src/core/files/backup-files.ts';
import { newFiles } from '../../../src/core/files/new-backup-files.ts';
import { chainOf, folder, full, incremental } from '../../support/data/backup-listing.ts';

describe('what is new', () => {
  const chain = chainOf([full('10'), incremental('11'), incremental('12'), incremental('13')], {
    root: folder('10'),
  });
  const names = (...files: string[]) => files.map((file) => `${folder('10')}/${file}`);
  const paths = (ledger: string[], of = chain) =>
    newFiles(of, { files: ledger }).files.map(({ path }) => path);

  test.each<[string, string[], string[]]>([
    [
      'everything, when nothing was imported',
      [],
      [full('10'), incremental('11'), incremental('12'), incremental('13')],
    ],
    ['what follows', names(full('10'), incremental('11')), [incremental('12'), incremental('13')]],
    ['nothing', names(full('10'), incremental('11'), incremental('12'), incremental('13')), []],
    [
      'what follows a file that has gone',
      names(full('10'), incremental('11'), '2026-01-02-11-30-00.ravendb-incremental-backup'),
      [incremental('12'), incremental('13')],
    ],
  ])('is %s', (_case, ledger, expected) => {
    const found = newFiles(chain, { files: ledger });
    expect(found.files.map(({ path }) => path)).toEqual(expected);
    expect(found).toMatchObject({ newChain: false, problems: [], warnings: [] });
  });

  test('is no chain at all where there is none', () => {
    expect(paths([], backupChain([]))).toEqual([]);
  });

  test('may be a new full backup, which begins a new chain', () => {
    const next = chainOf([`${folder('10')}/${full('10')}`, `${folder('14')}/${full('14')}`]);
    const found = newFiles(next, { files: names(full('10'), incremental('11')) });
    expect(found.files.map(({ path }) => path)).toEqual([`${folder('14')}/${full('14')}`]);
    expect(found.newChain).toBe(true);
    expect(found.problems).toEqual([]);
    expect(found.warnings).toEqual([
      expect.stringMatching(/is a new full backup .*may stay on the target\.$/),
    ]);
  });

  test.each([
    [
      'incremental',
      names(full('10'), incremental('12')),
      /^.*11-00-00.*older than .*12-00-00.* imported already/,
    ],
    ['full', names(incremental('11')), /^.*10-00-00.*older than .*11-00-00/],
  ])('cannot be an %s one that came too late', (_case, ledger, problem) => {
    const { problems } = newFiles(chain, { files: ledger });
    expect(problems).toEqual([expect.stringMatching(problem)]);
    expect(problems[0]).toContain('into an empty target');
  });

  test('cannot be an older chain than the imported one', () => {
    const { problems, warnings } = newFiles(chain, { files: [`${folder('14')}/${full('14')}`] });
    expect(problems).toHaveLength(1);
    expect(warnings).toEqual([]);
  });

  test('is told by names alone: a ledger from one listing holds for another', () => {
    const above = chainOf([full('10'), incremental('11')].map((file) => `backups/${folder('10')}/${file}`));
    expect(paths(names(full('10')), above)).toEqual([`backups/${folder('10')}/${incremental('11')}`]);
  });
});
