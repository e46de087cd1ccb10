import { expect } from 'vitest';
import type { Migration, Stack } from '../servers/stack.ts';
import { differences } from './compare.ts';

/** Approves a migration once it waits, lets it end, and compares both sides by the tests' own means. */
export async function finishEqual(
  stack: Stack,
  migration: Migration,
  { source, target }: { source: string; target: string },
): Promise<void> {
  await migration.reaches('awaiting-approval');
  await migration.approve();
  expect(await migration.handle.result()).toMatchObject({ phase: 'completed', mismatches: 0 });
  expect(await differences(stack.raven, source, target)).toEqual([]);
}
