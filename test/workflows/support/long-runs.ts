/** Runs that go on as new ones: what they must hold, and one that takes any time. */
import type { StringValue } from 'ms';
import { expect, test } from 'vitest';
import { historiesOf } from '../../support/histories.ts';
import { skip } from './clock.ts';
import { different, equal } from './healthy.ts';
import { migrationThatDiffers } from './migration.ts';
import type { Run } from './run.ts';
import { tuning } from './tuning.ts';

/** What is at work when a history is long enough still ends, and signals come by the hundred here. */
const ROOM = 250;

/** Fails unless a run went on in at least so many others, none of which is too long. */
export async function expectShortRuns(run: Run, least: number): Promise<void> {
  const lengths = (await historiesOf(run.handle)).map(({ length }) => length);
  expect(lengths.length).toBeGreaterThan(least);
  expect(Math.max(...lengths)).toBeLessThan(tuning.continueAfterEvents + ROOM);
}

/**
 * Declares the test of a target that differs for so long, with activities that find so.
 * @param least how many comparisons and runs there are at least
 */
export function comparesAgain(
  time: StringValue,
  { comparisons, runs }: { comparisons: number; runs: number },
): void {
  test(`compares again and again for ${time}, and can be repaired after it`, async () => {
    let isRepaired = false;
    const run = await migrationThatDiffers([different()], {
      activities: {
        verifyMigration: async ({ from }) => ({
          verification: isRepaired ? equal() : different(),
          position: from,
        }),
        repairItems: async ({ items }) => {
          isRepaired = true;
          return { before: items, after: [] };
        },
      },
    });
    await skip(time);
    expect(run.asked('verifyMigration').length).toBeGreaterThan(comparisons);
    await run.request('repair', { by: 'ann' });
    await run.until('it is equal', async () => (await run.progress()).verification?.mismatches === 0);
    await run.reaches('awaiting-approval');
    await run.request('approveCutover', { by: 'ann' });
    expect(await run.result()).toMatchObject({ phase: 'completed' });
    await expectShortRuns(run, runs);
    const { verifications, omitted } = run.left;
    expect(verifications.length + (omitted?.verifications ?? 0)).toBe(run.asked('verifyMigration').length);
    expect(verifications.length).toBeLessThanOrEqual(200);
    expect(run.asked('copyPiece')).toHaveLength(1);
  });
}
