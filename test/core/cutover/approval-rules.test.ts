import { describe, expect, test } from 'vitest';
import { type ApprovalRules, approvalRulesSchema } from '../../../src/core/contract/approval-contract.ts';
import {
  describeMissing,
  expiryOf,
  hasRules,
  opening,
  peopleMissing,
  refusalOfPerson,
  shownApprovals,
} from '../../../src/core/cutover/approval-rules.ts';

function rules(input: object): ApprovalRules {
  return approvalRulesSchema.parse(input);
}

const signed = (by: string) => ({ by, note: '', at: '2026-01-01T10:00:00.000Z' });

describe('a window', () => {
  const all = { from: '22:00', to: '04:00' };
  const midday = { from: '11:30', to: '12:00' };
  test.each([
    // 2026-01-01 is a Thursday
    ['before it opens', all, '2026-01-01T21:59:59.999Z', '2026-01-01T22:00:00.000Z'],
    ['when it opens', all, '2026-01-01T22:00:00.000Z', '2026-01-01T22:00:00.000Z'],
    ['after midnight', all, '2026-01-02T03:59:59.999Z', '2026-01-02T03:59:59.999Z'],
    ['when it closes', all, '2026-01-02T04:00:00.000Z', '2026-01-02T22:00:00.000Z'],
    ['of one day, before it', midday, '2026-01-01T00:00:00.000Z', '2026-01-01T11:30:00.000Z'],
    ['of one day, after it', midday, '2026-01-01T12:00:00.000Z', '2026-01-02T11:30:00.000Z'],
    ['of Sundays', { ...all, days: ['Sun'] }, '2026-01-01T22:30:00.000Z', '2026-01-04T22:00:00.000Z'],
    [
      'of Sundays, on Monday',
      { ...all, days: ['Sun'] },
      '2026-01-05T02:00:00.000Z',
      '2026-01-05T02:00:00.000Z',
    ],
    [
      'of Sundays, a week ahead',
      { ...all, days: ['Sun'] },
      '2026-01-05T04:00:00.000Z',
      '2026-01-11T22:00:00.000Z',
    ],
    [
      'of Thursdays, just closed',
      { ...midday, days: ['Thu'] },
      '2026-01-01T12:00:00.000Z',
      '2026-01-08T11:30:00.000Z',
    ],
  ])('%s', (_when, window, now, opens) => {
    const { window: checked } = rules({ window });
    expect(checked && new Date(opening(checked, Date.parse(now))).toISOString()).toBe(opens);
  });
});

test('an approval takes one of those who are named, whatever the case of the name', () => {
  const named = rules({ approvers: ['Ann', 'bob'] });
  expect(refusalOfPerson('ann ', named, [])).toBeUndefined();
  expect(refusalOfPerson('eve', named, [])).toBe(
    '"eve" may not approve this cutover: approval.approvers of the input names "Ann", "bob".',
  );
  expect(refusalOfPerson('eve', undefined, [])).toBeUndefined();
});

test('two approvals take two people', () => {
  const two = rules({ people: 2 });
  expect(peopleMissing(two, [])).toBe(2);
  expect(peopleMissing(two, [signed('ann')])).toBe(1);
  expect(peopleMissing(undefined, [])).toBe(1);
  expect(refusalOfPerson('ANN', two, [signed('ann')])).toMatch(/has approved this cutover already/);
  expect(refusalOfPerson('bob', two, [signed('ann')])).toBeUndefined();
});

test.each([
  [{}, [], ''],
  [{ approvers: ['ann', 'bob'] }, [], ', as one of "ann", "bob"'],
  [{ people: 2 }, [], ', as 2 different people'],
  [
    { people: 2, approvers: ['ann', 'bob'] },
    ['bob'],
    ', as 2 different people of "ann", "bob" (1 so far, by "bob")',
  ],
])('what is missing is told', (input, given, text) =>
  expect(describeMissing(rules(input), given.map(signed))).toBe(text),
);

test('an approval expires only where it is told to', () => {
  expect(expiryOf(rules({}), signed('ann'))).toBeUndefined();
  expect(expiryOf(rules({ expiresAfter: '8h' }), signed('ann'))).toBe(Date.parse('2026-01-01T18:00:00.000Z'));
});

test.each([
  [{}, false],
  [{ people: 2 }, true],
  [{ approvers: ['ann'] }, true],
  [{ expiresAfter: '1h' }, true],
  [{ window: { from: '22:00', to: '04:00' } }, true],
])('rules are rules where they ask for more than one approval by anybody', (input, has) =>
  expect(hasRules(rules(input))).toBe(has),
);

test.each([
  [{ people: 0 }, /people/],
  [{ approvers: ['ann', 'Ann '], people: 2 }, /must be at most the number of different approvers/],
  [{ window: { from: '22:00', to: '22:00' } }, /must be another time than from/],
  [{ window: { from: '24:00', to: '04:00' } }, /must be a time of day in UTC/],
  [{ window: { from: '22:00', to: '04:00', days: [] } }, /days/],
  [{ expiresAfter: '8 o clock' }, /must be a duration/],
])('rules that cannot be kept are refused', (input, problem) =>
  expect(JSON.stringify(approvalRulesSchema.safeParse(input).error?.issues)).toMatch(problem),
);

describe('the approvals that are shown', () => {
  test('are all that were given where it takes several, else the one', () => {
    expect(shownApprovals({ approval: null })).toEqual([]);
    expect(shownApprovals({ approval: signed('ann') })).toEqual([signed('ann')]);
    const both = [signed('ann'), signed('bob')];
    expect(shownApprovals({ approval: signed('bob'), approvals: both })).toEqual(both);
    expect(shownApprovals({ approval: null, approvals: [signed('ann')] })).toEqual([signed('ann')]);
  });
});
