import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { defaultTuning } from '../../../src/core/contract/tuning.ts';
import type { Position } from '../../../src/core/copy/position.ts';
import { reportIntervalMs, transferReport } from '../../../src/core/run/activity-report.ts';
import { carryRound } from '../../../src/engine/catch-up/delta-round.ts';
import { Database } from '../../../src/ravendb/connection/database.ts';
import { readPosition } from '../../../src/ravendb/requests/statistics.ts';
import { changes } from '../../support/data/changes.ts';
import { createItems, putDocument } from '../../support/data/databases.ts';
import { createEverything } from '../../support/data/everything.ts';
import { differences } from '../../support/oracle/compare.ts';
import { type Migration, Stack } from '../../support/servers/stack.ts';
import { ActivityBench } from '../../support/work/activities.ts';

describe('rounds', () => {
  let bench: ActivityBench;

  beforeAll(async () => {
    bench = await ActivityBench.open();
  });
  afterAll(() => bench.close());

  async function position(): Promise<Position> {
    return await readPosition(new Database(bench.stack.raven, bench.source));
  }

  async function carry(from: Position): Promise<void> {
    await carryRound(bench.work, { ...bench.input(), from });
  }

  test('may each be applied twice, and again from an earlier position', async () => {
    const { raven } = bench.stack;
    await bench.databases({ withTarget: true });
    bench.source = bench.stack.databaseName('everything');
    await createEverything(raven, bench.source, { plain: 100 });
    const copied = await position();
    await bench.copyAll(copied);

    let from = copied;
    let earlier = copied;
    // changes that come between rounds, so that what one brings the next takes away
    const parts = [0, 1, 2].map((part) => changes.filter((_, at) => at % 3 === part));
    for (const part of parts) {
      for (const change of part) await change.apply(raven, bench.source);
      const to = await position();
      await carry(from);
      await carry(from);
      await carry(earlier);
      earlier = from;
      from = to;
    }
    const without = ['indexes', 'settings'] as const;
    expect(await differences(raven, bench.source, bench.target, { without: [...without] })).toEqual([]);
    await carry(copied);
    expect(await differences(raven, bench.source, bench.target, { without: [...without] })).toEqual([]);
  });
});

describe('waiting for an approval', () => {
  let stack: Stack;

  beforeAll(async () => {
    stack = await Stack.open();
    await stack.startWorker();
  });
  afterAll(() => stack.close());

  async function eventsOf({ handle }: Migration) {
    const { events } = await handle.fetchHistory();
    return (events ?? []).map(({ eventTime, workflowExecutionSignaledEventAttributes: signal }) => ({
      at: Number(eventTime?.seconds ?? 0) * 1000 + (eventTime?.nanos ?? 0) / 1e6,
      isReport: signal?.signalName === transferReport,
    }));
  }

  async function startAndWait(): Promise<{ source: string; migration: Migration }> {
    const source = stack.databaseName('source');
    await createItems(stack.raven, source);
    const migration = await stack.migrate(source);
    await migration.reaches('awaiting-approval');
    return { source, migration };
  }

  test('adds next to nothing to the history while the source stands still', async () => {
    const { migration } = await startAndWait();
    await sleep(5_000);
    const before = (await eventsOf(migration)).length;
    const rounds = (await migration.progress()).position;
    await sleep(12_000);
    expect((await eventsOf(migration)).length - before).toBeLessThanOrEqual(4);
    expect((await migration.progress()).position).toEqual(rounds);
    await migration.handle.executeUpdate('abort');
    await migration.failure();
  });

  test('reports a trickle of writes ever more rarely', async () => {
    const { source, migration } = await startAndWait();
    const began = (await eventsOf(migration)).length;
    const startedAt = Date.now();
    for (let n = 0; Date.now() - startedAt < 45_000; n++) {
      await putDocument(stack.raven, source, 'trickle/1', `{"n":${n},"@metadata":{"@collection":"Trickle"}}`);
      await sleep(300);
    }
    const events = (await eventsOf(migration)).slice(began);
    const reports = events.filter(({ isReport }) => isReport);
    // the trickle was carried the whole time
    expect(Date.now() - (reports.at(-1)?.at ?? 0)).toBeLessThan(10_000);
    const [first = 0] = reports.map(({ at }) => at);
    for (const [at, report] of reports.entries()) {
      const last = reports[at - 1];
      if (!last) continue;
      // reports go out with heartbeats, each second: one may be a little early against the last
      expect(report.at - last.at).toBeGreaterThan(
        reportIntervalMs(last.at - first, defaultTuning.activity) - 500,
      );
    }
    // a signal and the task of the workflow that takes it up
    expect(events.length).toBeLessThanOrEqual(reports.length * 4 + 4);
    await migration.handle.executeUpdate('abort');
    await migration.failure();
  });
});
