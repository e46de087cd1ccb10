import { expect, test } from 'vitest';
import { checkBlocks } from '../../../src/cli/view/check-lines.ts';
import { blocker, ok, warning } from '../../../src/core/plan/check.ts';
import { plain } from '../fixtures.ts';

const setting = { width: 50, palette: plain };

test('findings are in blocks, what blocks first', () => {
  const checks = [
    ok('disk', 'There is space.'),
    warning('clock', 'It is late.'),
    blocker('server', 'It is gone.'),
  ];
  expect(checkBlocks(checks, setting)).toEqual([
    ['  ✗ server  It is gone.'],
    ['  ! clock  It is late.'],
    ['  ✓ disk  There is space.'],
  ]);
});

test('texts begin in one column, whatever the names are written in', () => {
  const checks = [
    ok('connection "移行"', 'one two three four five'),
    ok('connection "🚀🚀"', 'seven'),
    ok('folder', 'eight'),
  ];
  expect(checkBlocks(checks, setting).at(-1)).toEqual([
    '  ✓ connection "移行"  one two three four five',
    '  ✓ connection "🚀🚀"  seven',
    '  ✓ folder             eight',
  ]);
});
