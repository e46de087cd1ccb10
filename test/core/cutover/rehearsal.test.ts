import { expect, test } from 'vitest';
import {
  describeRehearsal,
  describeRehearsals,
  type Rehearsal,
} from '../../../src/core/cutover/rehearsal.ts';

function rehearsal(outageSeconds: number | null, failure: string | null = null): Rehearsal {
  return { at: '2026-01-01T00:00:00.000Z', by: 'ann', note: '', outageSeconds, failure };
}

test.each([
  [rehearsal(0.8), 'an outage of 800 ms'],
  [rehearsal(1.5, 'It is refused.'), 'an outage of 1,500 ms; the cutover would have failed: It is refused.'],
  [rehearsal(null, 'It is refused.'), 'nothing was frozen; the cutover would have failed: It is refused.'],
])('one rehearsal is told', (one, text) => expect(describeRehearsal(one)).toBe(text));

test.each([
  [[], undefined],
  [[rehearsal(0.8)], 'an outage of 800 ms is to be expected'],
  [
    [rehearsal(0.9), rehearsal(30, 'It is refused.'), rehearsal(0.8), rehearsal(1.2)],
    'an outage of 900 ms is to be expected, 1,200 ms at most (3 rehearsals)',
  ],
  [
    [rehearsal(0.8), rehearsal(2, 'It is refused.')],
    'the last one: an outage of 2,000 ms; the cutover would have failed: It is refused.',
  ],
])('the usual outage is told, and a failure of the last rehearsal', (all, text) =>
  expect(describeRehearsals(all)).toBe(text),
);
