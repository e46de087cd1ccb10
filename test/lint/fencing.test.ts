/** Who may close, lock, unlock or delete a database: a wrong call deletes the files of one that serves. */
import { globSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

const files = globSync('src/**/*.ts');

/** The files that use a name, but for the one that exports it. */
function usersOf(name: string): string[] {
  return files
    .filter((file) => {
      const code = readFileSync(file, 'utf8');
      return (
        new RegExp(`\\b${name}\\b`).test(code) && !new RegExp(`export async function ${name}\\b`).test(code)
      );
    })
    .toSorted();
}

test.each(['closeDatabase', 'openDatabase', 'lockDatabase', 'openStorage', 'forgetName'])(
  'only the fence uses %s',
  (name) => expect(usersOf(name)).toEqual(['src/engine/cutover/fence.ts']),
);

test('databases are deleted only where they are our own', () => {
  expect(usersOf('deleteDatabase')).toEqual([
    // temporary ones, and carriers
    'src/engine/cleanup/leftovers.ts',
    'src/engine/cutover/roll-back.ts',
    'src/engine/files/file-settings.ts',
    'src/engine/work/sample-database.ts',
  ]);
});
