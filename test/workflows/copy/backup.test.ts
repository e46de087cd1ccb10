/** The first copy from backup files. */
import { describe, expect, test } from 'vitest';
import { FULL_BACKUP, HOST, inspected, type Outcome, POSITION } from '../support/healthy.ts';
import { hold } from '../support/hold.ts';
import { byMethod, source } from '../support/inputs.ts';
import { start } from '../support/run.ts';

const input = byMethod.backup;
const onHost = { ...input, backup: { path: 'backups', host: HOST } };

describe('backup files', () => {
  test('are looked at before anything is changed', async () => {
    const run = await start('migrateDatabase', input);
    await run.reaches('awaiting-approval');
    expect(run.calls.slice(0, 3)).toEqual(['plan', 'inspectFiles', 'createTarget']);
    expect(run.asked('inspectFiles')[0]).toMatchObject({ kind: 'backup', path: 'backups', database: 'shop' });
    expect(await run.notes()).toContain('One full backup.');
  });

  test('that cannot be imported end the migration there', async () => {
    const check = { name: 'files', status: 'blocker', message: 'The file is cut off.' } as const;
    const run = await start('migrateDatabase', input, {
      activities: { inspectFiles: async () => inspected({ checks: [check] }) },
    });
    expect(await run.failure()).toEqual({
      type: 'PlanBlocked',
      message: 'The file is cut off. Nothing was changed on source or target.',
    });
    expect(run.calls).not.toContain('createTarget');
  });

  test('are of the database that the input names, where it is another one', async () => {
    const run = await start('migrateDatabase', { ...input, backup: { path: 'backups', database: 'Shop2' } });
    await run.reaches('awaiting-approval');
    expect(run.asked('inspectFiles')[0]?.database).toBe('Shop2');
  });

  test('that are not of the source as it is now end the migration', async () => {
    const foreign = [{ ...FULL_BACKUP, span: { OTHER: { lowest: 1, highest: 60 } } }];
    const run = await start('migrateDatabase', input, {
      activities: { inspectFiles: async () => inspected({ files: foreign }) },
    });
    const { type, message } = await run.failure();
    expect(type).toBe('PlanBlocked');
    expect(message).toContain(`does not match source.database "${source.database}"`);
    expect(run.calls).not.toContain('importFiles');
  });

  test('are imported under a ledger of this copy alone', async () => {
    const run = await start('migrateDatabase', input);
    await run.reaches('awaiting-approval');
    expect(run.asked('importFiles')[0]?.ledger).toBe(`imports/${run.handle.workflowId}/SOURCE`);
  });

  test('of whose documents some differ end the migration, and the first is named', async () => {
    const differences = [{ kind: 'document', id: 'items/7', what: 'differs in "n"' } as const];
    const run = await start('migrateDatabase', input, {
      activities: { importFiles: async () => imported({ mismatches: 2, differences }) },
    });
    const { type, message } = await run.failure();
    expect(type).toBe('VerificationFailed');
    expect(message).toMatch(/2 documents.*"items\/7".*differs in "n"/);
  });
});

describe('where they stand', () => {
  test.each([
    { highest: 60, stands: 60 },
    { highest: 500, stands: 100 },
  ])('$highest, with a source at 100: rounds begin at $stands', async ({ highest, stands }) => {
    const files = [{ ...FULL_BACKUP, span: { SOURCE: { lowest: 1, highest } } }];
    const run = await start('migrateDatabase', input, {
      activities: { inspectFiles: async () => inspected({ files }) },
    });
    await run.reaches('awaiting-approval');
    const from = { ...POSITION, etag: stands, raftIndex: 0 };
    expect(run.asked('catchUp')[0]).toMatchObject({ until: 'close', from });
    // what was deleted since the backup
    expect(run.asked('deleteSurplusDocuments')).toMatchObject([{ anew: false, from }]);
  });
});

describe('their import', () => {
  test('goes on after a pause where it stood', async () => {
    const reached = { files: 0, items: 20 };
    const importing = hold('importFiles', {
      when: (_asked, nth) => nth === 1,
      canceled: () => imported({ done: false, reached }),
    });
    const run = await start('migrateDatabase', input, { holds: [importing] });
    await importing.begun;
    await run.request('pause');
    await run.until('it has stopped', () => importing.held === 0);
    await run.request('resume');
    await run.reaches('awaiting-approval');
    expect(run.asked('importFiles').map((asked) => asked.reached)).toEqual([{ files: 0, items: 0 }, reached]);
  });

  test('is done on the host that holds them, like the look at them', async () => {
    const run = await start('migrateDatabase', onHost);
    await run.reaches('awaiting-approval');
    expect([...run.queues('inspectFiles'), ...run.queues('importFiles')]).toEqual([`@${HOST}`, `@${HOST}`]);
  });
});

function imported(more: Partial<Outcome<'importFiles'>> = {}): Outcome<'importFiles'> {
  return {
    done: true,
    reached: { files: 1, items: 0 },
    items: {},
    notCarried: [],
    documentsCompared: 3,
    mismatches: 0,
    differences: [],
    ...more,
  };
}
