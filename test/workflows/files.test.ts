/** Exports and imports of files: what they ask for, in which order, and where; what is left of one that fails. */
import { describe, expect, test } from 'vitest';
import type { Activities } from '../../src/activities/index.ts';
import { hostTaskQueue } from '../../src/core/contract/task-queues.ts';
import type { ExportResult, ImportResult } from '../../src/core/run/results.ts';
import { fails } from './support/failing.ts';
import { FULL_BACKUP, HOST, healthy, inspected, type Outcome } from './support/healthy.ts';
import { hold } from './support/hold.ts';
import { inputOf, source, target } from './support/inputs.ts';
import { type Run, start } from './support/run.ts';
import { world } from './support/world.ts';

const blocker = { name: 'disk', status: 'blocker', message: 'The disk is full.' } as const;

describe('an export', () => {
  test('says where the dump is, and what is in it', async () => {
    const run = await start('exportDatabase', inputOf.exportDatabase);
    const { dump } = await run.result<ExportResult>();
    expect(dump).toMatchObject({ host: HOST, counts: { Documents: 3 } });
    expect(run.left).toMatchObject({ items: { Documents: 3 }, findings: [`${dump.file} on host ${HOST}`] });
  });

  test('names the dump by the time at which it began, the same for each try', async () => {
    const writing = hold('writeDump', { when: (_asked, nth) => nth === 1 });
    const run = await start('exportDatabase', inputOf.exportDatabase, { holds: [writing] });
    await writing.begun;
    await run.request('pause');
    await run.until('it has stopped', () => writing.held === 0);
    await run.request('resume');
    await run.result();
    const times = run.asked('writeDump').map(({ at }) => at);
    expect(times).toHaveLength(2);
    expect(times[1]).toBe(times[0]);
    expect(Math.abs(Date.parse(times[0] ?? '') - Date.parse(run.left.startedAt))).toBeLessThan(5_000);
  });

  test('that must not begin writes nothing', async () => {
    const run = await start('exportDatabase', inputOf.exportDatabase, {
      activities: { planExport: async () => [blocker] },
    });
    expect(await run.failure()).toMatchObject({
      type: 'PlanBlocked',
      message: expect.stringContaining('disk is full'),
    });
    expect(run.calls).toEqual(['planExport', 'writeReport']);
  });

  test('tells what it left out', async () => {
    const run = await start('exportDatabase', inputOf.exportDatabase, {
      activities: {
        writeDump: async (asked) => ({
          ...(await healthy.writeDump(asked)),
          warnings: ['1 document was skipped.'],
        }),
      },
    });
    await run.result();
    expect(run.left.notCarried).toEqual(['1 document was skipped.']);
  });
});

const types = ['importDump', 'importBackup'] as const;

/** An import of either type that has ended. */
async function imported(type: (typeof types)[number], activities: Partial<Activities> = {}): Promise<Run> {
  const run = await start(type, inputOf[type], { activities });
  await run.handle.result().catch(() => undefined);
  return run;
}

describe.each(types)('%s', (type) => {
  test('looks at target and files, claims the target, imports, carries the settings, and gives it back', async () => {
    const run = await imported(type);
    expect(run.calls).toEqual([
      ...['planImport', 'inspectFiles', 'createTarget', 'claimTarget', 'importFiles', 'importFileSettings'],
      ...['documentsPerShard', 'releaseTarget', 'writeReport'],
    ]);
    expect(await run.result<ImportResult>()).toMatchObject({
      phase: 'completed',
      files: ['full'],
      standsAt: 'full',
      items: { Documents: 3 },
      documentsCompared: 3,
      shards: { '0': 2, '1': 1 },
    });
  });

  test.each(['planImport', 'inspectFiles'] as const)('that %s blocks changes nothing', async (name) => {
    const instead = {
      planImport: async () => [blocker],
      inspectFiles: async () => inspected({ checks: [blocker] }),
    };
    const run = await imported(type, { [name]: instead[name] });
    const { type: failure, message } = await run.failure();
    expect(failure).toBe('PlanBlocked');
    expect(message).toMatch(/^The disk is full\. The target "sharded" was not touched\./);
    expect(run.calls).not.toContain('createTarget');
  });

  test('without new files changes nothing, and says where the target stands', async () => {
    const run = await imported(type, {
      inspectFiles: async () => inspected({ files: [], standsAt: 'monday' }),
    });
    expect(await run.result<ImportResult>()).toMatchObject({ files: [], standsAt: 'monday', items: {} });
    expect(run.calls).toEqual(['planImport', 'inspectFiles', 'documentsPerShard', 'writeReport']);
  });

  test('that fails says what the target holds, and that the same import completes it', async () => {
    const run = await imported(type, { importFiles: fails('The file is cut off.', 'FileDamaged') });
    const { type: failure, message } = await run.failure();
    expect(failure).toBe('FileDamaged');
    expect(message).toMatch(/^The file is cut off\. .*"sharded" holds a part of .*run the same import again/);
    expect(run.calls.slice(-2)).toEqual(['releaseTarget', 'writeReport']);
  });

  test('that fails with the settings says that the documents are there', async () => {
    const run = await imported(type, { importFileSettings: fails('The index is refused.') });
    expect((await run.failure()).message).toMatch(/The documents of .* are on the target/);
  });

  test.each([true, false])(
    'claims a target that must still be as empty as it was found: %s',
    async (intoEmpty) => {
      const run = await imported(type, { inspectFiles: async () => inspected({ intoEmpty }) });
      await run.result();
      expect(run.asked('claimTarget')).toMatchObject([{ mustBeEmpty: intoEmpty }]);
    },
  );

  test('whose target another run holds begins nothing', async () => {
    const run = await imported(type, { claimTarget: fails('Another run is at work on it.', 'TargetBusy') });
    expect((await run.failure()).type).toBe('TargetBusy');
    expect(run.calls).not.toContain('importFiles');
  });

  test('of whose documents some differ fails, and names the first', async () => {
    const differences = [{ kind: 'document', id: 'items/7', what: 'differs in "n"' } as const];
    const run = await imported(type, { importFiles: async () => done({ mismatches: 2, differences }) });
    const { type: failure, message } = await run.failure();
    expect(failure).toBe('VerificationFailed');
    expect(message).toMatch(/^2 documents.*"items\/7".*differs in "n"/);
    expect(run.left).toMatchObject({ mismatches: 2, differences });
  });

  test('completes although its documents cannot be counted', async () => {
    const run = await imported(type, { documentsPerShard: fails('The server refuses.') });
    expect(await run.result()).toMatchObject({ phase: 'completed', shards: {} });
    expect(run.left.notes.at(-1)?.text).toMatch(/could not be counted: The server refuses/);
  });

  test.each([
    [
      'a pause',
      async (run: Run) => {
        await run.request('pause');
        await run.until('it has stopped', async () => (await run.pending()).length === 0);
        await run.request('resume');
      },
      null,
    ],
    ['a new limit', (run: Run) => run.request('throttle', { maxItemsPerSecond: 9 }), 9],
  ] as const)('goes on after %s where it stood', async (_how, interrupt, limit) => {
    const reached = { files: 0, items: 20 };
    const importing = hold('importFiles', {
      when: (_asked, nth) => nth === 1,
      canceled: () => done({ done: false, reached }),
    });
    const run = await start(type, inputOf[type], { holds: [importing] });
    await importing.begun;
    await interrupt(run);
    await run.result();
    expect(run.asked('importFiles')).toMatchObject([
      { reached: { files: 0, items: 0 }, maxItemsPerSecond: null },
      { reached, maxItemsPerSecond: limit },
    ]);
  });

  test('tells what was left out, of files and of settings', async () => {
    const run = await imported(type, {
      importFiles: async () => done({ notCarried: ['1 document was skipped.'] }),
      importFileSettings: async () => ({
        settings: [{ setting: 'Refresh', outcome: 'refused', advice: '' }],
        notCarried: ['Index "Corax" is not carried.'],
      }),
    });
    expect(run.left).toMatchObject({
      notCarried: ['1 document was skipped.', 'Index "Corax" is not carried.'],
      settings: [{ setting: 'Refresh', outcome: 'refused' }],
    });
  });
});

describe('a ledger', () => {
  test('says of an import of backups what the target holds; a dump has none', async () => {
    const [dump, backup] = [await imported('importDump'), await imported('importBackup')];
    expect(dump.asked('importFiles')[0]).toMatchObject({ kind: 'dump', ledger: null });
    expect(backup.asked('importFiles')[0]).toMatchObject({ kind: 'backup', ledger: 'imports' });
  });

  test('decides which files go on where the last import ended', async () => {
    const files = [{ ...FULL_BACKUP, name: 'tuesday', incremental: true }];
    const run = await imported('importBackup', {
      inspectFiles: async () => inspected({ files, continues: true }),
    });
    expect(run.asked('importFiles')[0]).toMatchObject({ files, continues: true });
    expect(run.asked('importFileSettings')[0]).toMatchObject({ files, continues: true });
  });
});

describe('files on a host', () => {
  const onHost = { dump: { path: 'dumps/shop', host: HOST }, target };

  test('are looked at and imported there', async () => {
    const run = await start('importDump', onHost);
    await run.result();
    const queues = (['inspectFiles', 'importFiles', 'importFileSettings'] as const).flatMap((name) =>
      run.queues(name),
    );
    expect(queues).toEqual([`@${HOST}`, `@${HOST}`, `@${HOST}`]);
  });

  test('that is gone are waited for, and asked for by its name', async () => {
    const run = await start('importDump', { ...onHost, dump: { path: 'dumps/shop', host: 'gone' } });
    await run.until('it asks', async () => (await run.attention()) !== null);
    expect(await run.attention()).toMatch(
      /No worker runs on host "gone", which holds the files: start one there, or abort/,
    );
    await run.request('abort');
    expect((await run.failure()).type).toBe('Aborted');
    expect(run.calls).not.toContain('createTarget');
  });

  test('that comes back are imported', async () => {
    const run = await start('importDump', { ...onHost, dump: { path: 'dumps/shop', host: 'late' } });
    await run.until('it asks', async () => (await run.attention()) !== null);
    const { startWorker, taskQueue } = await world();
    const worker = await startWorker(hostTaskQueue(taskQueue, 'late'));
    expect(await run.result()).toMatchObject({ phase: 'completed' });
    expect(run.left.attention).toBeNull();
    worker.shutdown();
  });

  test('in a bucket are read by any worker', async () => {
    const backup = { path: 'backups', bucket: 'archive' };
    const run = await start('importBackup', { backup, target });
    await run.result();
    expect(run.queues('importFiles')).toEqual(['']);
    expect(run.asked('importFiles')[0]).toMatchObject({ bucket: 'archive', path: 'backups' });
  });
});

test('an export is of the source that the input names', async () => {
  const run = await start('exportDatabase', inputOf.exportDatabase);
  await run.result();
  expect(run.asked('writeDump')[0]?.source).toEqual(source);
});

function done(more: Partial<Outcome<'importFiles'>> = {}): Outcome<'importFiles'> {
  return {
    done: true,
    reached: { files: 1, items: 0 },
    items: { Documents: 3 },
    notCarried: [],
    documentsCompared: 3,
    mismatches: 0,
    differences: [],
    ...more,
  };
}
