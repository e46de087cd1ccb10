import { describe, expect, test } from 'vitest';
import { allowedIn, fromFiles, limitedIn, nounOf } from '../../../src/core/run/run-types.ts';

test('people know each type by a noun', () => {
  expect(nounOf).toEqual({
    migrateDatabase: 'migration',
    cutOver: 'cutover',
    rehearseCutover: 'rehearsal',
    replicateDatabase: 'migration',
    syncDatabase: 'copy',
    exportDatabase: 'export',
    importDump: 'import',
    importBackup: 'import',
    verifyDatabases: 'comparison',
    planMigration: 'plan',
    removeLeftovers: 'cleanup',
  });
});

test('a limit of speed slows what reads and writes in pieces, and nothing that RavenDB or a person does', () => {
  expect(limitedIn).toEqual({
    migrateDatabase: ['copying', 'verifying'],
    cutOver: ['verifying'],
    rehearseCutover: ['verifying'],
    replicateDatabase: [],
    syncDatabase: ['copying', 'verifying'],
    exportDatabase: [],
    importDump: ['importing'],
    importBackup: ['importing'],
    verifyDatabases: ['reading'],
    planMigration: [],
    removeLeftovers: [],
  });
});

describe('requests', () => {
  test('what comes from files has no source to correct an item on', () => {
    expect([...fromFiles]).toEqual(['importDump', 'importBackup']);
  });

  test.each(['migrateDatabase', 'cutOver'] as const)(
    '%s can be rehearsed, completed and rolled back',
    (type) => {
      const { rehearse, complete, rollBack, skip } = allowedIn[type];
      expect({ rehearse, complete, rollBack }).toEqual({
        rehearse: ['awaiting-approval'],
        complete: ['observing'],
        rollBack: ['observing'],
      });
      expect(skip).toEqual(expect.arrayContaining(['awaiting-approval', 'observing']));
    },
  );

  test('an import of files waits at its end for what is to be skipped', () => {
    expect(allowedIn.importDump.skip).toEqual(['planning', 'preparing', 'importing', 'verifying']);
    expect(allowedIn.importBackup.throttle).toEqual(['planning', 'preparing', 'importing']);
  });
});
