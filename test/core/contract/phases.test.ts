import { expect, test } from 'vitest';
import {
  finalPhases,
  isFinal,
  isFrozen,
  phasesOf,
  phasesWithWayBack,
} from '../../../src/core/contract/phases.ts';

const working = [...new Set(Object.values(phasesOf).flat())];

// people and searches match on these names: a changed one is a change of the contract
test('a migration goes through its phases in order', () => {
  const names =
    'planning preparing copying catching-up verifying awaiting-approval freezing draining final-verifying completing';
  expect(phasesOf.migrateDatabase).toEqual(names.split(' '));
  expect(phasesOf.replicateDatabase).toEqual(phasesOf.migrateDatabase);
});

test.each([
  [
    'cutOver',
    'planning preparing catching-up verifying awaiting-approval freezing draining final-verifying completing',
  ],
  [
    'rehearseCutover',
    'planning preparing catching-up verifying freezing draining final-verifying completing',
  ],
  ['syncDatabase', 'planning preparing copying catching-up verifying completing'],
  ['exportDatabase', 'planning exporting completing'],
  ['importDump', 'planning preparing importing verifying completing'],
  ['importBackup', 'planning preparing importing verifying completing'],
  ['verifyDatabases', 'planning reading comparing awaiting-repair completing'],
  ['planMigration', 'planning forecasting sampling completing'],
  ['removeLeftovers', 'planning removing completing'],
] as const)('%s goes through %s', (type, names) => {
  expect(phasesOf[type]).toEqual(names.split(' '));
});

test('a cutover that can be rolled back is observed before its end', () => {
  expect(phasesWithWayBack('migrateDatabase', false).slice(-3)).toEqual([
    'final-verifying',
    'observing',
    'completing',
  ]);
  expect(phasesWithWayBack('migrateDatabase', true).slice(-3)).toEqual([
    'observing',
    'rolling-back',
    'completing',
  ]);
});

test('a run ends in one of six ways, and in no other phase', () => {
  expect(finalPhases).toEqual(['completed', 'rejected', 'rolled-back', 'aborted', 'canceled', 'failed']);
  expect(finalPhases.filter(isFinal)).toEqual(finalPhases);
  expect(working.filter(isFinal)).toEqual([]);
});

test('the source is frozen from the freeze to the last verification, and at no end', () => {
  expect(working.filter(isFrozen)).toEqual(['freezing', 'draining', 'final-verifying']);
  expect(finalPhases.filter(isFrozen)).toEqual([]);
});
