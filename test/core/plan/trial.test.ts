/** What is said of definitions that were tried on the server of a target. */
import { expect, test } from 'vitest';
import { type Trial, trialFindings, untried } from '../../../src/core/plan/trial.ts';

function trial(fields: Partial<Trial> = {}): Trial {
  return {
    version: '6.2.4',
    refusedKeys: new Map(),
    indexes: 12,
    refusedIndexes: new Map(),
    refusedSettings: [],
    ...fields,
  };
}

test('nothing refused is one line that says what was tried', () => {
  const { checks, notCarried } = trialFindings(trial());
  expect(checks).toMatchObject([{ name: 'definitions', status: 'ok' }]);
  expect(checks[0]?.message).toMatch(/6\.2\.4.*all 12 indexes/);
  expect(notCarried).toEqual([]);
});

test('a refused index is a warning with its name, and a line with its reason', () => {
  const line = 'index "Vectors": the target does not take it';
  const { checks, notCarried } = trialFindings(trial({ refusedIndexes: new Map([['Vectors', line]]) }));
  expect(checks).toMatchObject([{ name: 'indexes of another version', status: 'warning' }]);
  expect(checks[0]?.message).toMatch(/6\.2\.4.*"Vectors".*update the target/);
  expect(notCarried).toEqual([line]);
});

test('a refused setting is a warning with its name, and a line with its reason', () => {
  const { checks, notCarried } = trialFindings(
    trial({ refusedSettings: [{ setting: 'SnowflakeEtls', outcome: 'refused', advice: 'unknown there' }] }),
  );
  expect(checks).toMatchObject([{ name: 'settings of another version', status: 'warning' }]);
  expect(checks[0]?.message).toContain('"SnowflakeEtls"');
  expect(notCarried).toEqual(['SnowflakeEtls: unknown there']);
});

test('a value that a new target cannot be created with stands against the migration', () => {
  const { checks } = trialFindings(trial({ refusedKeys: new Map([['Indexing.X', 'Could not set it.']]) }));
  expect(checks).toMatchObject([{ name: 'database setting Indexing.X', status: 'blocker' }]);
  expect(checks[0]?.message).toMatch(/Correct or remove it.*Could not set it\./);
});

test('what could not be tried is said, and why', () => {
  expect(untried('the disk is full.').checks).toMatchObject([
    { status: 'warning', message: expect.stringContaining('the disk is full.') },
  ]);
});
