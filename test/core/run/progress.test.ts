import { expect, test } from 'vitest';
import { signature } from '../../../src/core/run/progress.ts';

test.each([
  ['Ann', 'after the backup', 'Ann: after the backup'],
  ['Ann', '', 'Ann'],
  ['', 'after the backup', '(unnamed): after the backup'],
  ['', '', '(unnamed)'],
])('a decision by "%s" with the note "%s" is signed %s', (by, note, signed) => {
  expect(signature({ by, note })).toBe(signed);
});
