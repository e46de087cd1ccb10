/** Migrations of a source that holds every kind of item, into targets of any layout. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { RunReport } from '../../../src/core/run/report.ts';
import { createEverything, LARGE } from '../data/everything.ts';
import { createPrefixed } from '../data/prefixed.ts';
import { FEW_VICTIMS } from '../data/victims.ts';
import { differences } from '../oracle/compare.ts';
import { Stack } from '../servers/stack.ts';

/** How it is copied, and into what. */
export interface Layout {
  method: 'stream' | 'dump';
  shards: number;
  /** The target keeps some ids on shards of their own. */
  prefixed?: boolean;
}

/** Declares the tests. */
export function everyKind(layouts: Layout[]): void {
  let stack: Stack;
  let source: string;
  let lastReport: RunReport | undefined;

  beforeAll(async () => {
    stack = await Stack.open();
    stack.shareWorker();
    source = stack.databaseName('source');
    await createEverything(stack.raven, source, { plain: 300, victims: FEW_VICTIMS, largest: LARGE });
  });
  afterAll(() => stack.close());

  test.each(layouts)('arrives as it is: %o', async ({ method, shards, prefixed }) => {
    const target = stack.databaseName('target');
    if (prefixed) await createPrefixed(stack.raven, target);
    const migration = await stack.migrate(source, {
      target,
      input: { method, target: { connection: 'local', database: target, shards } },
    });
    const { verification } = await migration.reaches('awaiting-approval');
    expect(verification).toMatchObject({ differences: [], mismatches: 0, lagging: 0 });
    await migration.approve();
    expect(await migration.handle.result()).toMatchObject({ phase: 'completed', mismatches: 0 });
    expect(await differences(stack.raven, source, target)).toEqual([]);

    lastReport = await stack.report(migration.id);
    expect(Object.keys(lastReport.shards)).toHaveLength(shards);
    expect(Object.values(lastReport.shards).every((count) => count > 0)).toBe(true);
  });

  test('and what a sharded database cannot have, or must not run on both sides, is named', () => {
    expect(lastReport?.notCarried).toContainEqual(expect.stringContaining('Regions/Output'));
    expect(lastReport?.settings).toContainEqual({
      setting: 'Subscriptions',
      outcome: 'carried',
      advice: expect.stringMatching(/"Everything".*disabled/),
    });
  });
}
