/** Wrong inputs: refused at once, with every field at fault, before any activity is asked for. */
import { expect, test } from 'vitest';
import type { WorkflowType } from '../../src/core/contract/contract.ts';
import { byMethod, inputOf, migration, source, target } from './support/inputs.ts';
import { start } from './support/run.ts';

const types = Object.keys(inputOf) as WorkflowType[];

const wrong: [WorkflowType, string, unknown, RegExp][] = [
  ...types.map((type): [WorkflowType, string, unknown, RegExp] => [
    type,
    'nothing at all',
    undefined,
    /the input is missing/,
  ]),
  ...types.map((type): [WorkflowType, string, unknown, RegExp] => [
    type,
    'a field that it does not know',
    { ...(inputOf[type] as object), metod: 'dump' },
    /metod is not a field/,
  ]),
  ['migrateDatabase', 'a number', 7, /must be of type object/],
  ['migrateDatabase', 'no source', { target }, /source is missing/],
  [
    'migrateDatabase',
    'a wrong type',
    { source, target: { ...target, shards: '3' } },
    /target\.shards must be of type/,
  ],
  ['migrateDatabase', 'an unknown method', { ...migration, method: 'teleport' }, /method must be one of/],
  ['migrateDatabase', 'the source as target', { source, target: source }, /must be a different database/],
  ['migrateDatabase', 'no backup', { ...migration, method: 'backup' }, /backup is missing/],
  [
    'migrateDatabase',
    'a backup too many',
    { ...byMethod.backup, method: 'stream' },
    /backup is only for method "backup"/,
  ],
  [
    'migrateDatabase',
    'a budget within which nothing can be quiet',
    { ...migration, quietFor: '5m', downtimeBudget: '1m' },
    /downtimeBudget must be longer than quietFor/,
  ],
  [
    'migrateDatabase',
    'two wrong fields',
    { source: {}, target: {} },
    /source\.connection.*target\.connection/,
  ],
  ['replicateDatabase', 'a method', { ...migration, method: 'replication' }, /method is not a field/],
  [
    'verifyDatabases',
    'a repair of counts',
    { source, target: { ...source, database: 'b' }, depth: 'counts', repair: 'ask' },
    /repair needs depth/,
  ],
  [
    'importBackup',
    'a host of a bucket',
    { backup: { path: 'a', host: 'one', bucket: 'b' }, target },
    /host is only for folders/,
  ],
];

test.each(wrong)('%s with %s is refused', async (type, _what, input, reason) => {
  const run = await start(type, input);
  const failure = await run.failure();
  expect(failure.type).toBe('InvalidInput');
  expect(failure.message).toMatch(reason);
  // a plan takes the input of the migration
  const of = type === 'planMigration' ? 'migrateDatabase' : type;
  expect(failure.message).toContain(`Invalid input of ${of}: `);
  expect(run.calls).toEqual([]);
});
