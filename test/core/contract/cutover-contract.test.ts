import { describe, expect, test } from 'vitest';
import {
  type MigrateDatabaseConfig,
  parseCutOver,
  parseMigrateDatabase,
  parseRehearseCutover,
  withChosen,
} from '../../../src/core/contract/contract.ts';
import { SHORT } from './inputs.ts';

describe('what a plan has chosen', () => {
  const parsed = parseMigrateDatabase(SHORT);
  const input = parsed.ok ? parsed.value : ({} as MigrateDatabaseConfig);

  test('takes the place of what the input leaves open', () => {
    expect(withChosen(input, { freeze: 'fence', observeFor: '0s' })).toEqual({
      ...input,
      freeze: 'fence',
      observeFor: '0s',
      downtimeBudget: '30s',
    });
  });

  test('decides how long nobody may be served, unless the input does', () => {
    const budget = (fields: Partial<MigrateDatabaseConfig>) =>
      withChosen({ ...input, ...fields }, undefined).downtimeBudget;
    expect(budget({ freeze: 'fence' })).toBe('30s');
    expect(budget({ freeze: 'quiet' })).toBe('10m');
    expect(budget({ freeze: 'fence', downtimeBudget: '1h' })).toBe('1h');
  });

  test('is that people stop the writers where a worker of before has chosen nothing', () => {
    expect(withChosen(input, undefined).freeze).toBe('quiet');
    expect(withChosen({ ...input, freeze: 'hook' }, undefined).freeze).toBe('hook');
  });
});

test('a cutover takes what a migration takes for its end, and nothing for its beginning', () => {
  const { shards, ...target } = { shards: 3, ...SHORT.target };
  const input = { source: SHORT.source, target, freeze: 'fence', observeFor: '1h', approval: { people: 2 } };
  expect(parseCutOver(input)).toMatchObject({
    ok: true,
    value: { freeze: 'fence', observeFor: '1h', method: 'stream' },
  });
  expect(parseCutOver({ ...input, target: { ...target, shards } })).toMatchObject({
    problem: expect.stringContaining('target.shards is not a field'),
  });
  expect(parseCutOver({ ...input, target: { ...target, replicationFactor: 2 } })).toMatchObject({
    problem: expect.stringContaining('target.replicationFactor is not a field'),
  });
  expect(parseCutOver({ ...input, method: 'dump' })).toMatchObject({
    problem: expect.stringContaining('Invalid input of cutOver: method is not a field'),
  });
  expect(parseCutOver({ ...input, target: SHORT.source })).toMatchObject({
    problem: expect.stringContaining('must be a different database'),
  });
});

test('a rehearsal is of a fence that nobody waits behind', () => {
  expect(parseRehearseCutover({ ...SHORT, within: '5s' })).toMatchObject({
    ok: true,
    value: { within: '5s', config: { freeze: 'fence', observeFor: '0s' } },
  });
  expect(parseRehearseCutover(SHORT)).toMatchObject({ value: { within: '30s' } });
  expect(parseRehearseCutover({ ...SHORT, freeze: 'quiet' })).toMatchObject({
    problem: expect.stringContaining('Invalid input of rehearseCutover: freeze is not a field'),
  });
});
