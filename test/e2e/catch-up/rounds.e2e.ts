import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Pair } from '../../../src/core/contract/contract.ts';
import { defaultTuning } from '../../../src/core/contract/tuning.ts';
import type { Position } from '../../../src/core/copy/position.ts';
import { reportIntervalMs, transferReport } from '../../../src/core/run/activity-report.ts';
import { applyDelta } from '../../../src/engine/catch-up/delta-round.ts';
import { resendDocuments } from '../../../src/engine/transfer/resend-documents.ts';
import { Database } from '../../../src/ravendb/connection/database.ts';
import { collectionsOf } from '../../../src/ravendb/requests/documents.ts';
import { readPosition } from '../../../src/ravendb/requests/statistics.ts';
import { changes } from '../../support/data/changes.ts';
import { createItems, putDocument } from '../../support/data/databases.ts';
import { createEverything } from '../../support/data/everything.ts';
import { historiesOf } from '../../support/histories.ts';
import { differences } from '../../support/oracle/compare.ts';
import { type Migration, Stack } from '../../support/servers/stack.ts';
import { tuningVariable } from '../../support/servers/tuning.ts';
import { ActivityBench } from '../../support/work/activities.ts';

/** So often at first that they get rarer within seconds. */
const REPORTS = { ...defaultTuning.activity, heartbeatMs: 100, reportMs: 200 };

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
    await applyDelta(bench.work, { ...bench.input(), from });
  }

  test('a document that is sent again, and has moved to another collection since, holds up no other one', async () => {
    const { raven } = bench.stack;
    await bench.databases({ withTarget: true });
    const put = (database: string, id: string, collection: string) =>
      putDocument(raven, database, id, `{"of":"${collection}","@metadata":{"@collection":"${collection}"}}`);
    await put(bench.target, 'a/moved', 'Before');
    await put(bench.source, 'a/moved', 'After');
    await put(bench.source, 'a/stays', 'After');
    const [source, target] = [bench.source, bench.target].map((name) => new Database(raven, name));
    const ids = ['a/moved', 'a/stays'];
    await resendDocuments(bench.work, { source, target } as Pair<Database>, ids);
    const found = await collectionsOf(target as Database, ids);
    expect(Object.fromEntries(found)).toEqual({ 'a/moved': 'Before', 'a/stays': 'After' });
  });

  test('may each be applied twice, and again from an earlier position', async () => {
    const { raven } = bench.stack;
    await bench.databases({ withTarget: true });
    bench.source = bench.stack.databaseName('everything');
    await createEverything(raven, bench.source, { plain: 50 });
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
    await stack.startWorker(tuningVariable({ activity: REPORTS }));
  });
  afterAll(() => stack.close());

  async function eventsOf(migration: Migration) {
    return (await historiesOf(migration.handle))
      .flat()
      .map(({ eventTime, workflowExecutionSignaledEventAttributes: signal }) => ({
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
    await sleep(2_000);
    const before = (await eventsOf(migration)).length;
    const rounds = (await migration.progress()).position;
    await sleep(4_000);
    expect((await eventsOf(migration)).length - before).toBeLessThanOrEqual(4);
    expect((await migration.progress()).position).toEqual(rounds);
    await migration.handle.executeUpdate('abort');
    await migration.failure();
  });

  test('reports a trickle of writes ever more rarely', async () => {
    const { source, migration } = await startAndWait();
    const began = (await eventsOf(migration)).length;
    const startedAt = Date.now();
    for (let n = 0; Date.now() - startedAt < 12_000; n++) {
      await putDocument(stack.raven, source, 'trickle/1', `{"n":${n},"@metadata":{"@collection":"Trickle"}}`);
      await sleep(100);
    }
    const events = (await eventsOf(migration)).slice(began);
    const reports = events.filter(({ isReport }) => isReport);
    // the trickle was carried the whole time
    expect(Date.now() - (reports.at(-1)?.at ?? 0)).toBeLessThan(3_000);
    const [first = 0] = reports.map(({ at }) => at);
    const pauses = reports.slice(1).map(({ at }, index) => ({ ms: at - (reports[index]?.at ?? 0), at }));
    for (const { ms, at } of pauses) {
      // reports go out with heartbeats: one may be a little early against the last
      expect(ms).toBeGreaterThan(reportIntervalMs(at - ms - first, true, REPORTS) - REPORTS.heartbeatMs);
    }
    expect(pauses.at(-1)?.ms).toBeGreaterThan(2 * REPORTS.reportMs);
    // a signal and the task of the workflow that takes it up
    expect(events.length).toBeLessThanOrEqual(reports.length * 4 + 4);
    await migration.handle.executeUpdate('abort');
    await migration.failure();
  });
});
