import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { failures } from '../../../src/core/contract/failures.ts';

const RUNBOOK = readFileSync(new URL('../../../docs/runbook.md', import.meta.url), 'utf8');

test.each(Object.values(failures))('the runbook says what to do about %s', (type) => {
  expect(RUNBOOK).toMatch(new RegExp(`^\\| .*\`${type}\`.*\\| .{20,} \\| .{5,} \\|$`, 'm'));
});
