import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { RepairForecast } from '../../../src/core/compare/repair.ts';
import type { VerifyDatabasesInput } from '../../../src/core/contract/verify-contract.ts';
import type { RunProgress } from '../../../src/core/run/progress.ts';
import type { RunReport } from '../../../src/core/run/report.ts';
import type { VerifyResult } from '../../../src/core/run/results.ts';
import { Application } from '../../support/data/application.ts';
import { createDatabase } from '../../support/data/databases.ts';
import { createEverything } from '../../support/data/everything.ts';
import { moment } from '../../support/data/everything-numbers.ts';
import { FEW_VICTIMS } from '../../support/data/victims.ts';
import { differences } from '../../support/oracle/compare.ts';
import { copyIntoOneShard, exportAll, importAll } from '../../support/oracle/plain-copy.ts';
import { shardlift } from '../../support/servers/shardlift-cli.ts';
import { Stack, until } from '../../support/servers/stack.ts';
import { temporal } from '../../support/servers/temporal-cli.ts';

/** What is done to a copy, and what must be said of it. */
const PLANTS: Record<string, (target: Application) => Promise<void>> = {
  'document plain/1: is missing on the target': (target) => target.delete('plain/1'),
  'document extra/1: is on the target only': (target) => target.put('extra/1', '{}'),
  'document plain/2: differs in "Text"': (target) => target.put('plain/2', plain(2, 'y')),
  'attachment loose/2: attachment "Shared" is missing on the target': (target) =>
    target.detach('loose/2', 'Shared'),
  'counter loose/5: counter "likes" is 6 on the source, 7 on the target': (target) =>
    target.increment('loose/5', { likes: 1 }),
  'time series loose/7: time series "HeartRate" differs in the entry of <time> (another value or tag)': (
    target,
  ) => target.append('loose/7', 'HeartRate', [{ at: moment(0), values: [60, 0], tag: 'watches/9' }]),
  'revision kept/3: revisions: 4 of 4 are missing on the target, the newest of <time>': (target) =>
    target.deleteRevisions('kept/3'),
  'compare exchange decimal: has another value on the target': (target) =>
    target.putCompareExchange('decimal', '1.5'),
  'identity orders|: is 1, not 2, on the target': (target) => target.seedIdentity('orders|', 1),
  'index Victims/Changed: has another definition on the target': (target) =>
    target.putIndexes({ Name: 'Victims/Changed', Maps: ['from d in docs.Victims select new { d.n }'] }),
  'setting Refresh: differs on the target': (target) => target.refresh(48 * 3600),
};

/** How many of these a dry run of the repair counts. A document that has lost an attachment has changed, too. */
const FORESEEN: RepairForecast = {
  missing: 1,
  changed: 2,
  onlyOnTarget: 1,
  attachments: 1,
  counters: 1,
  timeSeries: 1,
  revisions: 1,
  compareExchange: 1,
  identities: 1,
  indexes: 1,
  timeSeriesAtMost: false,
};

describe('verifyDatabases, of databases that hold every kind of item', () => {
  let stack: Stack;
  let source: string;
  let plainCopy: string;
  let oneShard: string;
  let shards: string;

  beforeAll(async () => {
    stack = await Stack.open();
    stack.shareWorker();
    [source, plainCopy, oneShard, shards] = ['source', 'plain', 'one-shard', 'shards'].map((name) =>
      stack.databaseName(name),
    ) as [string, string, string, string];
    await createEverything(stack.raven, source, { plain: 20, victims: FEW_VICTIMS });
    await createDatabase(stack.raven, plainCopy);
    await importAll(stack.raven, plainCopy, await exportAll(stack.raven, source));
    await copyIntoOneShard(stack.raven, source, oneShard);
    for (const database of [plainCopy, `${oneShard}$0`])
      for (const name of ['Victims/Disabled', 'Victims/Enabled'])
        await new Application(stack.raven, database).setIndexState(name, 'disable');
    const migration = await stack.migrate(source, { target: shards });
    await migration.reaches('awaiting-approval');
    await migration.approve();
    await migration.handle.result();
  }, 300_000);
  afterAll(() => stack.close());

  async function verify(
    from: string,
    into: string,
    input: Partial<VerifyDatabasesInput> = {},
  ): Promise<VerifyResult> {
    const run = await stack.start(
      {
        source: { connection: 'local', database: from },
        target: { connection: 'local', database: into },
        ...input,
      },
      undefined,
      'verifyDatabases',
    );
    return (await run.handle.result()) as VerifyResult;
  }

  test('finds copies equal, whatever is sharded: by content, by a sample and by numbers', async () => {
    const both = ['sample', 'counts'] as const;
    const pairs = [
      { from: source, into: plainCopy, depths: ['full'] },
      { from: source, into: shards, depths: ['full', ...both] },
      { from: oneShard, into: shards, depths: ['full'] },
      { from: shards, into: source, depths: ['full', ...both] },
    ] as const;
    for (const { from, into, depths } of pairs) {
      for (const depth of depths) {
        const result = await verify(from, into, { depth });
        expect({ from, into, ...result }).toMatchObject({ depth, equal: true, differences: [], lagging: 0 });
      }
    }
  });

  test('finds each planted difference and no other', async () => {
    const application = new Application(stack.raven, shards);
    for (const plant of Object.values(PLANTS)) await plant(application);
    const wanted = Object.keys(PLANTS).toSorted(byText);
    for (const from of [source, oneShard]) {
      const result = await verify(from, shards);
      expect(linesOf(result)).toEqual(wanted);
      expect(result).toMatchObject({ phase: 'completed', equal: false, mismatches: wanted.length });
    }
    const allowed = await verify(source, shards, { allowExtra: true });
    expect(linesOf(allowed)).toEqual(wanted.filter((line) => !line.includes('is on the target only')));
  });

  test('repairs on request what differs, and says what it cannot repair', async () => {
    const run = await stack.start(
      {
        source: { connection: 'local', database: source },
        target: { connection: 'local', database: shards },
        repair: 'ask',
      },
      undefined,
      'verifyDatabases',
    );
    const progress = () => run.handle.query<RunProgress>('progress');
    const waits = (mismatches: number) =>
      until(`it waits with ${mismatches}`, async () => {
        const { phase, verification } = await progress();
        return phase === 'awaiting-repair' && verification?.mismatches === mismatches;
      });
    await waits(Object.keys(PLANTS).length);
    expect((await run.page()).match(/^ {2}- /gm)).toHaveLength(Object.keys(PLANTS).length);
    const dry = await shardlift(stack, 'repair', run.id, '--dry-run', '--by', 'ann', '--json').ended;
    expect(JSON.parse(dry.stdout)).toMatchObject({ accepted: true, by: 'ann', found: FORESEEN });
    const text = await shardlift(stack, 'repair', run.id, '--dry-run', '--by', 'ann').ended;
    expect(text.stdout).toMatch(
      /^A repair would mend: documents: 1 missing, 2 changed, 1 on the target only/,
    );
    await waits(Object.keys(PLANTS).length);
    await temporal(
      stack,
      ...['workflow', 'update', 'execute', '-w', run.id, '--name', 'repair'],
      ...['--input', '{"by":"ann","note":"found by a comparison"}'],
    );
    await waits(1);
    const { verification } = await progress();
    expect(verification?.differences).toMatchObject([{ kind: 'setting', id: 'Refresh' }]);
    const report = await run.handle.query<RunReport>('report');
    expect(report.repairs).toMatchObject([
      { by: 'ann', note: 'found by a comparison', after: [{ kind: 'setting', id: 'Refresh' }] },
    ]);
    expect(report.repairs?.[0]?.before).toHaveLength(Object.keys(PLANTS).length);
    await run.handle.executeUpdate('abort', { args: [{ by: 'ann' }] });
    expect((await run.failure()).type).toBe('Aborted');
    const without = ['settings'] as const;
    expect(await differences(stack.raven, source, shards, { without: [...without] })).toEqual([]);
  });
});

function linesOf({ differences }: VerifyResult): string[] {
  return differences
    .map(({ kind, id, what }) => `${kind} ${id}: ${what.replace(/20\d\d-\d\d-\d\dT[\d:.]+Z/, '<time>')}`)
    .toSorted(byText);
}

function byText(a: string, b: string): number {
  return a < b ? -1 : 1;
}

function plain(n: number, letter: string): string {
  return `{"Number":${n},"Price":${n}.50,"Text":"${letter.repeat(300)}","@metadata":{"@collection":"Plain"}}`;
}
