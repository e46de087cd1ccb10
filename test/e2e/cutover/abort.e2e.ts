import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { MigrationPhase } from '../../../src/core/contract/phases.ts';
import { createItems, putDocument } from '../../support/data/databases.ts';
import { Gate } from '../../support/servers/gate.ts';
import { type Migration, Stack } from '../../support/servers/stack.ts';

/**
 * Before and after the source was changed, while it waits and while it is frozen: the requests of the worker to hold,
 * one after the other, and whether the phase comes after approval. `test/workflows` has every phase.
 */
const phases: Partial<Record<MigrationPhase, { requests: RegExp[]; approved?: boolean }>> = {
  preparing: { requests: [/PUT \/admin\/databases/] },
  copying: { requests: [/indexes\/disable/, /smuggler\/import/] },
  'awaiting-approval': { requests: [] },
  draining: { requests: [/smuggler\/export\S+startEtag/], approved: true },
};

describe('abort', () => {
  let stack: Stack;
  let gate: Gate;
  let source: string;

  beforeAll(async () => {
    stack = await Stack.open();
    gate = await Gate.before(stack.addresses.ravendbUrl);
    stack.ravendbUrlForWorker = gate.url;
    await stack.startWorker();
    source = stack.databaseName('source');
    await createItems(stack.raven, source);
  });
  afterAll(async () => {
    await gate.close();
    await stack.close();
  });
  beforeEach(() => gate.open());

  test.each(Object.entries(phases))('while %s leaves the source as it was', async (phase, how) => {
    const before = await footprint(stack, source);
    const migration = await startAndHold(phase as MigrationPhase, how);
    await migration.handle.executeUpdate('abort', { args: [{ by: 'ann', note: 'not today' }] });

    const failure = await migration.failure();
    expect(failure.type).toBe('Aborted');
    expect(failure.message).toContain('aborted by ann: not today');
    expect(await footprint(stack, source)).toEqual(before);
    const report = await stack.report(migration.id);
    expect(report.phase).toBe('aborted');
    expect(report.timings.at(-1)?.phase).toBe(phase);
    const frozen = ['freezing', 'draining', 'final-verifying'].includes(phase);
    expect(report.notes.some(({ text }) => text.includes('freeze was undone'))).toBe(frozen);
  });

  test('while a dump is imported leaves no dump on the worker', async () => {
    const disabling = gate.hold(/indexes\/disable/);
    const migration = await stack.migrate(source, { input: { method: 'dump' } });
    await disabling;
    await gate.holdNext(/smuggler\/import/);
    const dumps = async () => {
      const files = await readdir(join(stack.directory, 'dumps'), { recursive: true });
      return files.filter((file) => file.endsWith('.ravendbdump'));
    };
    expect(await dumps()).toHaveLength(1);
    await migration.handle.executeUpdate('abort', { args: [{ by: 'ann' }] });
    expect((await migration.failure()).type).toBe('Aborted');
    expect(await dumps()).toEqual([]);
  });

  /** Brings a migration into a phase and keeps it there. */
  async function startAndHold(
    phase: MigrationPhase,
    { requests, approved = false }: { requests: RegExp[]; approved?: boolean },
  ): Promise<Migration> {
    const quietFor = phase === 'freezing' ? '1m' : '500ms';
    const start = () => stack.migrate(source, { input: { quietFor } });
    const [first, ...next] = requests;
    if (approved) {
      const migration = await start();
      await migration.reaches('awaiting-approval');
      if (first) void gate.hold(first);
      // makes the last rounds carry something
      await touch(source);
      await migration.approve();
      await migration.reaches(phase);
      return migration;
    }
    let held = first && gate.hold(first);
    const migration = await start();
    for (const request of next) {
      await held;
      await touch(source);
      held = gate.holdNext(request);
    }
    await held;
    await migration.reaches(phase);
    return migration;
  }

  async function touch(database: string): Promise<void> {
    const json = JSON.stringify({ at: Date.now(), '@metadata': { '@collection': 'Touched' } });
    await putDocument(stack.raven, database, 'touched/1', json);
  }
});

/** What a migration might leave behind on the source: indexes and settings. */
async function footprint({ raven }: Stack, database: string): Promise<unknown> {
  const indexes = await raven.http.json<{ Results: string[] }>({
    doing: 'Reading',
    path: `/databases/${database}/indexes?namesOnly=true&start=0&pageSize=1000`,
  });
  const record = await raven.http.json<Record<string, unknown>>({
    doing: 'Reading',
    path: `/databases/${database}/admin/record`,
  });
  return [indexes.Results, record.Settings, record.Disabled, record.LockMode];
}
