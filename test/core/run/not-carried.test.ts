import { describe, expect, test } from 'vitest';
import { addLines, subjectOfLine } from '../../../src/core/run/not-carried.ts';

describe('lines on what is not carried', () => {
  test.each([
    ['index "Out": it writes documents', 'index "Out"'],
    ['index "A: b": why', 'index "A: b"'],
    ['QueueEtls: not supported', 'QueueEtls'],
    ['no colon at all', 'no colon at all'],
    ['an odd " quote: here', 'an odd '],
    ['index "A": why\nand: more', 'index "A"'],
    ['"A": why', '"A"'],
    ['', ''],
  ])('%s is about %s', (line, subject) => expect(subjectOfLine(line)).toBe(subject));

  test('replace earlier ones about the same', () => {
    const lines = new Map<string, string>();
    addLines(lines, ['compare exchange: 3 keys are on the target only', 'index "A": why']);
    addLines(lines, ['compare exchange: 4 keys are on the target only', 'index "B": why']);
    expect([...lines.values()]).toEqual([
      'compare exchange: 4 keys are on the target only',
      'index "A": why',
      'index "B": why',
    ]);
  });
});
