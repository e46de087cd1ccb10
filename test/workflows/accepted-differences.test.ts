/** Cutting over although the target differs, by differences that a person has looked at. */
import { describe, expect, test } from 'vitest';
import type { Verification } from '../../src/core/compare/verification.ts';
import { different } from './support/healthy.ts';
import { migration } from './support/inputs.ts';
import { finds, migrationIn } from './support/migration.ts';
import { start } from './support/run.ts';

describe('an approval that accepts differences', () => {
  const digest = '0123456789ab';
  const others = () =>
    different({
      mismatches: 2,
      digest: 'ba9876543210',
      differences: [
        ...different().differences,
        { kind: 'document', id: 'items/8', what: 'is missing on the target' },
      ],
    });
  const accepting = { by: 'ann', note: 'they are garbage', acceptDifferences: digest };

  /** A migration that waits with a difference. @param later what comparisons after the first find */
  async function waiting(...later: Verification[]) {
    const found = different({ digest });
    const run = await start('migrateDatabase', migration, {
      activities: { verifyMigration: finds(found, ...later) },
    });
    await run.reaches('awaiting-approval');
    return run;
  }

  test('cuts over with them, and the report has them', async () => {
    const run = await waiting(different({ digest }));
    expect((await run.progress()).waitingFor).toContain(
      `To cut over with these differences, send approveCutover with "acceptDifferences": "${digest}".`,
    );
    expect(await run.refusalOf('approveCutover')).toContain(`"acceptDifferences": "${digest}"`);
    expect(await run.attention()).toMatch(/Verification found 1 difference/);
    await run.request('approveCutover', accepting);
    expect(await run.result()).toMatchObject({ phase: 'completed', mismatches: 1 });
    expect(run.left).toMatchObject({
      phase: 'completed',
      approval: accepting,
      attention: null,
      mismatches: 1,
      differences: different().differences,
    });
    expect(run.left.notes.map(({ text }) => text)).toContain('Accepted with the approval: 1 differences.');
  });

  test('is refused for others than those that stand', async () => {
    const run = await waiting();
    const refusal = await run.refusalOf('approveCutover', { ...accepting, acceptDifferences: 'other' });
    expect(refusal).toMatch(
      /acceptDifferences is "other", but the digest of these differences is "0123456789ab"/,
    );
    expect((await run.progress()).approval).toBeNull();
  });

  test('is refused where not all of them are listed', async () => {
    const many = different({ mismatches: 3_000 });
    const run = await start('migrateDatabase', migration, { activities: { verifyMigration: finds(many) } });
    await run.reaches('awaiting-approval');
    expect((await run.progress()).waitingFor).not.toContain('acceptDifferences');
    expect(await run.refusalOf('approveCutover', accepting)).toContain(
      'can be accepted only when all of them are listed',
    );
  });

  test('lapses when the final verification finds others: the freeze is undone', async () => {
    const run = await waiting(others());
    await run.request('approveCutover', accepting);
    await run.until('it waits again', async () => {
      const { phase, approval } = await run.progress();
      return phase === 'awaiting-approval' && approval === null;
    });
    expect(await run.attention()).toMatch(
      /The freeze was undone.*final verification found 2 differences.*not those that were accepted/,
    );
    expect(await run.refusalOf('approveCutover', accepting)).toContain(
      'the digest of these differences is "ba9876543210"',
    );
    expect(run.asked('releaseTarget')).toEqual([]);
  });

  test('does no harm where nothing differs any more', async () => {
    const { run } = await migrationIn('awaiting-approval');
    await run.request('approveCutover', accepting);
    expect(await run.result()).toMatchObject({ phase: 'completed', mismatches: 0 });
  });

  test('names no digest: it is refused by its field', async () => {
    const { run } = await migrationIn('awaiting-approval');
    const refusal = await run.refusalOf('approveCutover', { by: 'ann', acceptDifferences: ' ' });
    expect(refusal).toMatch(/acceptDifferences must be the digest/);
  });
});
