import { describe, expect, test } from 'vitest';
import {
  commandOf,
  isObserved,
  parseApproval,
  parseMigrateDatabase,
  parseNote,
  parseRehearsal,
  parseThrottle,
  requests,
} from '../../../src/core/contract/contract.ts';
import { problemOf, SHORT } from './inputs.ts';

describe('the payload of an approval', () => {
  const parsed = (more: object) => parseApproval(requests.approve, { by: 'ann', ...more });

  test('may name what the person has looked at, and which differences they accept', () => {
    expect(parsed({})).toEqual({ ok: true, value: { by: 'ann', note: '' } });
    expect(parsed({ acceptDifferences: ' a1 ', evidence: ' e1 ' })).toEqual({
      ok: true,
      value: { by: 'ann', note: '', acceptDifferences: 'a1', evidence: 'e1' },
    });
  });

  test.each([
    ['acceptDifferences', 'must be the digest that the verification shows'],
    ['evidence', 'must be the digest that the migration shows'],
  ])('%s is no empty text', (field, problem) => {
    expect(parsed({ [field]: ' ' })).toEqual({
      ok: false,
      problem: `Invalid input of approveCutover: ${field} ${problem}.`,
    });
  });
});

test('the payload of a rehearsal says how long it may take', () => {
  const parsed = (more: object) => parseRehearsal(requests.rehearse, { by: 'ann', ...more });
  expect(parsed({})).toEqual({ ok: true, value: { by: 'ann', note: '', within: '30s' } });
  expect(parsed({ within: 'a moment' })).toMatchObject({
    problem: expect.stringContaining('Invalid input of rehearse: within must be a duration'),
  });
});

test('a payload without a name has nobody and nothing to say', () => {
  expect(parseNote(requests.pause, {})).toEqual({ ok: true, value: { by: '', note: '' } });
  expect(parseThrottle(requests.throttle, { maxItemsPerSecond: 5 })).toEqual({
    ok: true,
    value: { by: '', note: '', maxItemsPerSecond: 5 },
  });
});

test.each([
  ['approve', 'approve'],
  ['rollBack', 'roll-back'],
] as const)('the request %s is typed as %s', (request, command) => {
  expect(commandOf(request)).toBe(command);
});

describe('the way back is kept open', () => {
  const fenced = { freeze: 'fence', sourceAfterCutover: 'closed', observeFor: '1h' } as const;
  const isKept = (fields: object) => {
    const parsed = parseMigrateDatabase({ ...SHORT, ...fenced, ...fields });
    return parsed.ok && isObserved(parsed.value);
  };

  test('behind a fence, where the old database stays closed', () => {
    expect(isKept({})).toBe(true);
  });

  test.each([{ freeze: 'quiet' }, { sourceAfterCutover: 'open' }, { observeFor: '0s' }])(
    'not with %j',
    (field) => {
      expect(isKept(field)).toBe(false);
    },
  );
});

describe('replication', () => {
  test('goes with no fence: RavenDB does not replicate a database that is closed', () => {
    const replicated = { ...SHORT, method: 'replication' };
    expect(problemOf({ ...replicated, freeze: 'quiet' })).toBe('no problem');
    expect(problemOf({ ...replicated, freeze: 'fence' })).toBe(
      'Invalid input of migrateDatabase: freeze cannot be "fence" with method "replication": RavenDB does not replicate a database that is closed.',
    );
  });
});

test('each of the hooks that stop and start the writers is needed', () => {
  const only = (hooks: object) => problemOf({ ...SHORT, freeze: 'hook', hooks });
  expect(only({ stopWriters: ['a'], startWriters: ['b'] })).toBe('no problem');
  expect(only({ stopWriters: ['a'] })).toContain('hooks must name stopWriters and startWriters');
  expect(only({ startWriters: ['b'] })).toContain('hooks must name stopWriters and startWriters');
});
