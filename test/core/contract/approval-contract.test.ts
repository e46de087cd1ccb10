import { describe, expect, test } from 'vitest';
import { approvalRulesSchema, days, samePerson } from '../../../src/core/contract/approval-contract.ts';
import { parse } from '../../../src/core/contract/schemas.ts';

const ofNight = { from: '22:00', to: '04:00' };

function rules(input: unknown) {
  return parse(approvalRulesSchema, input, 'approval');
}

function problemOf(input: unknown): string {
  const parsed = rules(input);
  return parsed.ok ? 'no problem' : parsed.problem;
}

describe('what an approval takes', () => {
  test('is one person, whoever, at any time, unless the input says otherwise', () => {
    const nothing = { ok: true, value: { approvers: [], people: 1, expiresAfter: null, window: null } };
    expect(rules({})).toEqual(nothing);
    expect(rules(undefined)).toEqual(nothing);
  });

  test('may be a window on every day, or on some', () => {
    expect(rules({ window: ofNight })).toMatchObject({ value: { window: { ...ofNight, days: [...days] } } });
    expect(rules({ window: { ...ofNight, days: ['Sat', 'Sun'] } })).toMatchObject({
      value: { window: { days: ['Sat', 'Sun'] } },
    });
    expect(problemOf({ window: { ...ofNight, days: [] } })).toContain('window.days must be at least 1');
  });

  test.each(['00:00', '09:59', '19:30', '23:59'])('%s is a time of day', (from) => {
    expect(rules({ window: { from, to: '12:34' } }).ok).toBe(true);
  });

  test.each(['24:00', '9:00', '12:60', 'x12:00', '12:00 ', '12:000'])('%j is none', (from) => {
    expect(problemOf({ window: { from, to: '12:34' } })).toContain(
      'window.from must be a time of day in UTC such as "22:00"',
    );
  });

  test('a window has a length', () => {
    expect(problemOf({ window: { from: '22:00', to: '22:00' } })).toContain(
      'window.to must be another time than from',
    );
  });

  test('as many people as can approve, and no more', () => {
    expect(rules({ people: 3 }).ok).toBe(true);
    expect(rules({ approvers: ['ann', 'bob'], people: 2 }).ok).toBe(true);
    const tooMany = 'people must be at most the number of different approvers';
    expect(problemOf({ approvers: ['ann', 'bob'], people: 3 })).toContain(tooMany);
    expect(problemOf({ approvers: ['ann', ' Ann '], people: 2 })).toContain(tooMany);
  });

  test('expires after a duration', () => {
    expect(rules({ expiresAfter: '2h' }).ok).toBe(true);
    expect(problemOf({ expiresAfter: 'soon' })).toContain('expiresAfter must be a duration');
  });
});

test('a person is the same in other letters and with space around', () => {
  expect(samePerson(' Ann ')).toBe('ann');
});
