/** Who may approve a cutover, on what evidence, until when, and at which time of day. */
import { describe, expect, test } from 'vitest';
import { transferReport } from '../../src/core/run/activity-report.ts';
import { skip } from './support/clock.ts';
import { fails } from './support/failing.ts';
import { different, equal, healthy } from './support/healthy.ts';
import { migration } from './support/inputs.ts';
import { finds, migrationIn } from './support/migration.ts';
import type { Run } from './support/run.ts';

async function waiting(approval: object, more: object = {}): Promise<Run> {
  const { run } = await migrationIn('awaiting-approval', { input: { ...migration, approval, ...more } });
  return run;
}

describe('with two people', () => {
  test('the cutover begins with the second, and the report has both', async () => {
    const run = await waiting({ people: 2 });
    expect((await run.progress()).waitingFor).toMatch(/send approveCutover, as 2 different people;/);
    await run.request('approveCutover', { by: 'ann', note: 'looked at it' });
    const { approval, approvals, waitingFor } = await run.progress();
    expect(approval).toBeNull();
    expect(approvals).toMatchObject([{ by: 'ann' }]);
    expect(waitingFor).toMatch(/\(1 so far, by "ann"\)/);
    expect(await run.refusalOf('approveCutover', { by: 'Ann' })).toMatch(/takes another person/);
    expect(run.asked('proveQuiet')).toEqual([]);
    await run.request('approveCutover', { by: 'bob' });
    await run.result();
    expect(run.left.approvals).toMatchObject([{ by: 'ann', note: 'looked at it' }, { by: 'bob' }]);
    expect(run.left.approval).toMatchObject({ by: 'bob' });
  });

  test('both approvals end with a freeze that is undone', async () => {
    const { run } = await migrationIn('awaiting-approval', {
      input: { ...migration, approval: { people: 2 } },
      activities: { proveQuiet: fails('Somebody writes.', 'SourceNotQuiet') },
    });
    await run.request('approveCutover', { by: 'ann' });
    await run.request('approveCutover', { by: 'bob' });
    await run.until('it was undone', async () => /Somebody writes/.test((await run.attention()) ?? ''));
    await run.reaches('awaiting-approval');
    expect(await run.progress()).toMatchObject({
      approval: null,
      waitingFor: expect.stringContaining('as 2 different people;'),
    });
  });
});

test('who is not named among the approvers is refused', async () => {
  const run = await waiting({ approvers: ['ann'] });
  expect(await run.refusalOf('approveCutover', { by: 'eve' })).toBe(
    '"eve" may not approve this cutover: approval.approvers of the input names "ann".',
  );
  await run.request('approveCutover', { by: 'ann' });
  await run.result();
});

describe('the evidence', () => {
  test('is shown, and an approval of other evidence is refused', async () => {
    const run = await waiting({});
    const { evidence = '' } = await run.progress();
    expect(await run.page()).toContain(evidence);
    expect(await run.refusalOf('approveCutover', { by: 'ann', evidence: 'abc' })).toBe(
      `What there is to see has changed: its digest is "${evidence}", and evidence is "abc". Look at it again.`,
    );
    await run.request('approveCutover', { by: 'ann', evidence });
    await run.result();
    expect(run.left.approval).toMatchObject({ by: 'ann', evidence });
  });

  test('that changes ends an approval that waits', async () => {
    const run = await waitingFor2(finds(equal(), different()));
    await run.request('approveCutover', { by: 'ann' });
    await skip('2 hours');
    await run.calledFor('verifyMigration', 2);
    await run.until('it ended', async () =>
      /approval by ann no longer holds/.test((await run.attention()) ?? ''),
    );
    expect((await run.progress()).approvals).toBeUndefined();
    expect(run.asked('proveQuiet')).toEqual([]);
  });

  test('that stays the same with another comparison leaves it', async () => {
    const run = await waitingFor2(
      finds(equal(), equal({ at: '2026-02-01T00:00:00.000Z', documents: { source: 9, target: 9 } })),
    );
    await run.request('approveCutover', { by: 'ann' });
    await skip('2 hours');
    await run.calledFor('verifyMigration', 2);
    await run.reaches('awaiting-approval');
    await run.request('approveCutover', { by: 'bob' });
    expect(await run.result()).toMatchObject({ phase: 'completed' });
  });
});

/** Two people have to approve, and everything is compared each hour. */
async function waitingFor2(verifyMigration: ReturnType<typeof finds>): Promise<Run> {
  const { run } = await migrationIn('awaiting-approval', {
    input: { ...migration, approval: { people: 2 }, compareEvery: '1h' },
    activities: { verifyMigration },
  });
  return run;
}

test('an approval that waits for too long expires, and another one is needed', async () => {
  const run = await waiting({ people: 2, expiresAfter: '8h' });
  await run.request('approveCutover', { by: 'ann' });
  await skip('7 hours');
  expect((await run.progress()).approvals).toHaveLength(1);
  await skip('2 hours');
  await run.until('it has expired', async () => (await run.progress()).approvals === undefined);
  expect(await run.attention()).toBe('The approval by ann no longer holds: it is older than 8h.');
  await run.request('approveCutover', { by: 'bob' });
  expect(await run.attention()).toBeNull();
  await run.request('approveCutover', { by: 'ann' });
  await run.result();
});

describe('a window', () => {
  /** Opens some hours after now, by the clock of the server. */
  async function opensIn(hours: number, more: object = {}): Promise<Run> {
    const now = Date.parse((await (await migrationIn('awaiting-approval')).run.progress()).since);
    const at = (later: number) => new Date(now + later * 3_600_000).toISOString().slice(11, 16);
    return await waiting({ window: { from: at(hours), to: at(hours + 2) }, ...more });
  }

  test('is waited for once the cutover is approved, and it says until when', async () => {
    const run = await opensIn(5);
    await run.request('approveCutover', { by: 'ann' });
    const { cutoverAt, waitingFor, approval } = await run.progress();
    expect(approval).toMatchObject({ by: 'ann' });
    expect(waitingFor).toBe(`Approved: the cutover begins at ${cutoverAt}, when its window opens.`);
    expect(await run.page()).toContain(`begins at ${cutoverAt}`);
    expect(await run.refusalOf('approveCutover', { by: 'bob' })).toMatch(/approved already, by ann/);
    await skip('4 hours');
    await run.reaches('awaiting-approval');
    expect(run.asked('proveQuiet')).toEqual([]);
    await skip('1 hour');
    await run.result();
    const frozen = run.left.timings.find(({ phase }) => phase === 'freezing');
    expect(Date.parse(frozen?.startedAt ?? '')).toBeGreaterThanOrEqual(Date.parse(cutoverAt ?? ''));
  });

  test('that is open is not waited for', async () => {
    const run = await opensIn(-1);
    await run.request('approveCutover', { by: 'ann' });
    expect(await run.result()).toMatchObject({ phase: 'completed' });
  });

  test('may be waited for in vain: the approval expires before it', async () => {
    const run = await opensIn(5, { expiresAfter: '2h' });
    await run.request('approveCutover', { by: 'ann' });
    await skip('6 hours');
    await run.until('it has expired', async () => (await run.progress()).approval === null);
    expect(run.asked('proveQuiet')).toEqual([]);
  });

  test('leaves time to reject', async () => {
    const run = await opensIn(5);
    await run.request('approveCutover', { by: 'ann' });
    await run.request('rejectCutover', { by: 'bob' });
    expect((await run.failure()).type).toBe('CutoverRejected');
  });
});

describe('the gate', () => {
  test('what keeps the source from being frozen shows, and is gone when it is', async () => {
    const run = await waiting({});
    const busy = 'UpdateByQuery has been running.';
    await run.handle.signal(transferReport, { hindrances: [busy] });
    await run.until('it shows', async () => (await run.progress()).lacking?.length === 1);
    expect((await run.progress()).lacking).toEqual([busy]);
    expect(await run.page()).toContain(`Not ready: ${busy}`);
    await run.handle.signal(transferReport, { hindrances: [] });
    await run.until('it is gone', async () => (await run.progress()).lacking?.length === 0);
  });

  test('keeps the cutover from beginning, and the migration waits for another approval', async () => {
    const { run } = await migrationIn('awaiting-approval', {
      activities: { proveQuiet: fails('UpdateByQuery is running.', 'NotReady') },
    });
    const compared = run.asked('verifyMigration').length;
    await run.request('approveCutover', { by: 'ann' });
    await run.until('it is told', async () => (await run.attention()) !== null);
    expect(await run.attention()).toBe(
      'The cutover did not begin, and the source serves: UpdateByQuery is running.',
    );
    expect(await run.reaches('awaiting-approval')).toMatchObject({ approval: null });
    // nothing has changed: there is nothing to compare
    expect(run.asked('verifyMigration')).toHaveLength(compared);
  });

  test.each([
    [
      'runs on the source',
      { hindrances: ['UpdateByQuery is running.'] },
      /did not begin.*UpdateByQuery is running/,
    ],
    [
      'differs and cannot be read behind the fence',
      { differences: [{ kind: 'index', id: 'Orders/ByDate', what: 'is missing on the target' }] as const },
      /did not begin.*The index "Orders\/ByDate" is missing on the target/,
    ],
  ])(
    'keeps the fence from being raised when something %s, and undoes what it has prepared',
    async (_what, more, told) => {
      const { run } = await migrationIn('awaiting-approval', {
        input: { ...migration, freeze: 'fence' },
        activities: {
          prepareFence: async (asked) =>
            ({ ...(await healthy.prepareFence(asked)), ...structuredClone(more) }) as never,
        },
      });
      await run.request('approveCutover', { by: 'ann' });
      await run.until('it is told', async () => (await run.attention()) !== null);
      expect(await run.attention()).toMatch(told);
      expect(run.asked('fenceSource')).toEqual([]);
      expect(run.asked('undoFence')).toHaveLength(1);
    },
  );
});

test('everything is compared again while nobody approves for a week', async () => {
  const run = await waiting({});
  await skip('15 days');
  await run.calledFor('verifyMigration', 3);
  await run.reaches('awaiting-approval');
  expect(run.asked('verifyMigration')).toHaveLength(3);
});
