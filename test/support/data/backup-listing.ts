/** Listings of backups for unit tests: all of one day, named by the hour. */
import { expect } from 'vitest';
import { backupChain, chainFiles, type Wanted } from '../../../src/core/files/backup-files.ts';
import type { ListedFile } from '../../../src/core/files/backup-names.ts';

/** The name of a backup's folder. */
export function folder(hour: string, database = 'shop', node = 'A', type = 'backup'): string {
  return `2026-01-02-${hour}-00-00.ravendb-${database}-${node}-${type}`;
}

export const at = (hour: string) => `2026-01-02-${hour}-00-00`;
export const full = (hour: string) => `${at(hour)}.ravendb-full-backup`;
export const incremental = (hour: string) => `${at(hour)}.ravendb-incremental-backup`;
export const snapshot = (hour: string) => `${at(hour)}.ravendb-snapshot`;

export function listed(path: string, more: Partial<ListedFile> = {}): ListedFile {
  return { path, bytes: 100, modifiedAt: '2026-01-03T00:00:00.000Z', ...more };
}

export type Entry = string | [path: string, more: Partial<ListedFile>];

/** The chain in a folder of such files, which are listed in any order. */
export function chainOf(entries: Entry[], wanted: Wanted = {}) {
  const files = entries.map((entry) => (typeof entry === 'string' ? listed(entry) : listed(...entry)));
  const [chain, backwards] = [backupChain(files, wanted), backupChain(files.toReversed(), wanted)];
  expect(backwards.full).toEqual(chain.full);
  expect(backwards.incrementals).toEqual(chain.incrementals);
  expect(new Set(backwards.problems)).toEqual(new Set(chain.problems));
  return chain;
}

/** The paths of a chain that has no problem, and its warnings. */
export function sound(entries: Entry[], wanted: Wanted = {}): { paths: string[]; warnings: string[] } {
  const chain = chainOf(entries, wanted);
  expect(chain.problems).toEqual([]);
  return { paths: chainFiles(chain).map(({ path }) => path), warnings: chain.warnings };
}
